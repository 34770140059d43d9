// What was known when: a date slider over beliefs and reports.
import { lineChart } from './charts.js';

const root = document.getElementById('timeline');
const { proposition } = root.dataset;
const first = Date.parse(root.dataset.first);
const last = Date.parse(root.dataset.last);
const DAY = 86_400_000;
const slider = document.getElementById('day');
slider.max = String(Math.max(1, Math.round((last - first) / DAY)));
slider.value = String(Math.round((Date.parse(root.dataset.day) - first) / DAY));
const iso = () => new Date(first + Number(slider.value) * DAY).toISOString().slice(0, 10);

const { timeline } = proposition ? await (await fetch(`/cases/${root.dataset.case}/timeline.json?proposition=${encodeURIComponent(proposition)}`)).json() : { timeline: [] };
const box = document.getElementById('course');
const course = timeline.map((each) => ({ date: each.date, posterior: each.posterior, said: true }));
if (course.length && course.at(-1).date < root.dataset.last) course.push({ ...course.at(-1), date: root.dataset.last, said: false });
const chart = course.length ? await lineChart(box, course, iso()) : null;

const percent = (value) => `${(100 * value).toFixed(0)}%`;
const item = (strong, text, quiet) => {
  const made = document.createElement('li');
  if (strong) { const bold = document.createElement('b'); bold.textContent = strong; made.append(bold, document.createElement('br')); }
  made.append(text);
  if (quiet) { const span = document.createElement('span'); span.className = 'quiet'; span.textContent = ` ${quiet}`; made.append(span); }
  return made;
};
let timer = 0;
let asked = 0;
async function show() {
  const number = ++asked;
  const day = iso();
  const answer = await fetch(`/cases/${root.dataset.case}/evidence.json?as_of=${day}`);
  if (!answer.ok || number !== asked) return;
  const content = await answer.json();
  for (const name of root.querySelectorAll('.day-name')) name.textContent = day;
  document.getElementById('then-beliefs').replaceChildren(...content.propositions.map((each) => item(each.text, `${percent(each.posterior)} (90% interval ${percent(each.p05)} to ${percent(each.p95)}), ${each.claims.length} claims count`)));
  document.getElementById('then-reports').replaceChildren(...(content.reports.length ? content.reports.map((each) => item('', `${each.published ?? 'no date'}: ${each.title ?? 'Untitled'}`, each.source ?? 'unknown source')) : [item('', 'Nothing yet.')]));
  const kept = new URLSearchParams();
  if (proposition) kept.set('proposition', proposition);
  if (day !== root.dataset.last) kept.set('as_of', day);
  window.history.replaceState(null, '', `${window.location.pathname}?${kept}`);
  root.dataset.shown = day;
}
slider.addEventListener('input', () => {
  document.getElementById('day-text').textContent = iso();
  slider.setAttribute('aria-valuetext', iso());
  chart?.at(iso());
  window.clearTimeout(timer);
  timer = window.setTimeout(show, 120);
});
slider.setAttribute('aria-valuetext', iso());
document.getElementById('proposition')?.addEventListener('change', (event) => event.target.form.submit());
root.dataset.shown = root.dataset.day;
