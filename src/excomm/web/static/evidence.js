// The evidence desk: every decision is shown with what it would change before it is written.
import { post, announce } from './page.js';

const desk = document.getElementById('desk');
const base = `/cases/${desk.dataset.case}/evidence`;
const dialog = document.getElementById('decide');
const title = document.getElementById('decide-title');
const why = document.getElementById('why');
const refusal = dialog.querySelector('.refusal');
const preview = dialog.querySelector('.preview');
let asked = null;

const percent = (value) => `${(100 * value).toFixed(value < 0.1 || value > 0.9 ? 1 : 0)}%`;
const line = (tag, text) => { const made = document.createElement(tag); made.textContent = text; return made; };

async function look() {
  preview.replaceChildren(line('p', 'Looking…'));
  const answer = await post(`${base}/preview.json`, asked);
  if (!answer.ok) { preview.replaceChildren(line('p', answer.message)); return; }
  const { beliefs, outcomes, run } = answer.content;
  const list = document.createElement('ul');
  for (const each of beliefs) {
    list.append(line('li', `${each.text}: ${percent(each.before)} → ${percent(each.after)} (90% interval ${percent(each.p05)} to ${percent(each.p95)}; ${each.status}, ${each.claims} claims count)`));
  }
  for (const each of outcomes) list.append(line('li', `${each.label}, ${each.option_name}: ${each.text} (approximate, from the draws of the newest run)`));
  if (!beliefs.length) preview.replaceChildren(line('p', 'Nothing that is believed would move.'));
  else preview.replaceChildren(list, ...(outcomes.length ? [] : [line('p', run ? 'No headline outcome moves by more than chance.' : 'The case has no run yet: what follows for the outcomes is not known.')]));
}

function open(request, heading, quote) {
  asked = request;
  title.textContent = heading;
  dialog.querySelector('blockquote').textContent = quote;
  dialog.querySelector('blockquote').hidden = !quote;
  dialog.querySelector('.link-fields').hidden = request.kind !== 'link';
  refusal.textContent = '';
  why.value = '';
  dialog.showModal();
  look();
}

desk.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-decide]');
  if (!button) return;
  const { decide, subject, quote, proposition } = button.dataset;
  const request = { kind: decide, subject };
  if (decide === 'link') {
    const choice = document.getElementById('link-proposition');
    if (proposition) choice.value = proposition;
    request.proposition = choice.value;
    request.polarity = Number(document.getElementById('link-way').value);
  }
  open(request, { accept: 'Let this claim count?', reject: 'Keep this claim from counting?', link: 'Link this claim' }[decide], quote);
});
for (const id of ['link-proposition', 'link-way']) {
  document.getElementById(id)?.addEventListener('change', () => {
    asked.proposition = document.getElementById('link-proposition').value;
    asked.polarity = Number(document.getElementById('link-way').value);
    look();
  });
}
for (const choice of document.querySelectorAll('select[data-source]')) {
  choice.addEventListener('change', () => {
    const name = choice.labels[0].textContent;
    open({ kind: 'regrade', subject: choice.dataset.source, letter: choice.value }, `Grade ${name} ${choice.value} instead of ${choice.dataset.now}?`, '');
  });
}
dialog.addEventListener('close', () => {
  for (const choice of document.querySelectorAll('select[data-source]')) choice.value = choice.dataset.now;
});
document.getElementById('write').addEventListener('click', async () => {
  if (!why.value.trim()) { refusal.textContent = 'Say why in a few words: the ledger keeps it.'; why.focus(); return; }
  const answer = await post(`${base}/decisions.json`, { ...asked, why: why.value });
  if (!answer.ok) { refusal.textContent = answer.message; return; }
  const anchor = asked.kind === 'regrade' ? '' : `#claim-${asked.subject}`;
  dialog.close();
  window.sessionStorage.setItem('excomm-said', `Written as line ${answer.content.seq} of your ledger.`);
  window.location.hash = anchor;
  window.location.reload();
});

// Reports --------------------------------------------------------------------------------------------------------
const form = document.getElementById('add');
const status = form.querySelector('.job');
async function send(body) {
  status.textContent = 'Reading…';
  const answer = await post(`${base}/reports.json`, body);
  if (!answer.ok) { status.textContent = answer.message; return; }
  const { added } = answer.content;
  const fresh = added.filter((each) => each.new).length;
  window.sessionStorage.setItem('excomm-said', `${fresh} new report${fresh === 1 ? '' : 's'}, ${added.length - fresh} already here.`);
  window.location.hash = `#report-${added[0].report}`;
  window.location.reload();
}
form.addEventListener('submit', (event) => {
  event.preventDefault();
  const body = new FormData(form);
  if (![...document.getElementById('files').files].length) body.delete('files');
  send(body);
});
document.addEventListener('dragover', (event) => { event.preventDefault(); document.body.classList.add('dropping'); });
document.addEventListener('dragleave', (event) => { if (!event.relatedTarget) document.body.classList.remove('dropping'); });
document.addEventListener('drop', (event) => {
  event.preventDefault();
  document.body.classList.remove('dropping');
  const body = new FormData();
  for (const file of event.dataTransfer.files) body.append('files', file);
  const text = event.dataTransfer.getData('text/plain');
  if (text && !event.dataTransfer.files.length) body.append('text', text);
  body.append('source', document.getElementById('source').value);
  body.append('published', document.getElementById('published').value);
  send(body);
});

// After a change the page comes back where it was left.
const said = window.sessionStorage.getItem('excomm-said');
if (said) { window.sessionStorage.removeItem('excomm-said'); announce(said); status.textContent = said; }
function unfold() {
  const target = window.location.hash ? document.getElementById(window.location.hash.slice(1)) : null;
  const report = target?.closest('details');
  if (report) { report.open = true; target.scrollIntoView({ block: 'center' }); }
}
window.addEventListener('hashchange', unfold);
unfold();
