// The explore page: levers and weights on the left, what follows from them on the right.
import { Chart } from './charts.js';
import { Surrogate, support } from './surrogate.js';
import * as words from './words.js';
import { post, follow, announce } from './page.js';

const root = document.getElementById('explore');
const runId = root.dataset.run;
const address = new URL(window.location.href);
const data = await (await fetch(`/cases/${root.dataset.case}/explore.json?run=${encodeURIComponent(runId)}`, { headers: { accept: 'application/json' } })).json();
const surrogate = new Surrogate(data);
const levers = new Map(data.levers.map((lever) => [lever.id, lever]));

// State: everything that the address holds, and nothing else.
const state = {
  settings: new Map(), weights: new Map(), view: data.perspectives[0]?.actor ?? null,
  options: new Set(data.options.map((option) => option.id)),
};
function readAddress() {
  for (const [key, value] of address.searchParams) {
    if (key.startsWith('set.') && levers.has(key.slice(4)) && Number.isFinite(Number(value))) state.settings.set(key.slice(4), Number(value));
    if (key.startsWith('w.') && Number(value) >= 0) state.weights.set(key.slice(2), Number(value));
    if (key === 'view' && data.perspectives.some((each) => each.actor === value)) state.view = value;
    if (key === 'options') {
      const named = value.split(',').filter((id) => state.options.has(id));
      if (named.length) state.options = new Set(named);
    }
  }
}
export function query() {
  const kept = new URLSearchParams();
  if (address.searchParams.has('run')) kept.set('run', runId);
  if (state.options.size < data.options.length) kept.set('options', [...state.options].join(','));
  if (state.view && state.view !== data.perspectives[0]?.actor) kept.set('view', state.view);
  for (const [id, value] of state.settings) kept.set(`set.${id}`, String(Number(value.toPrecision(6))));
  for (const [id, value] of state.weights) kept.set(`w.${id}`, String(Number(value.toPrecision(4))));
  return kept.toString();
}
let addressTimer = 0;
function writeAddress() {
  window.clearTimeout(addressTimer);
  addressTimer = window.setTimeout(() => {
    const text = query();
    window.history.replaceState(null, '', `${window.location.pathname}${text ? `?${text}` : ''}`);
    const full = new URLSearchParams(text);
    full.set('run', runId);
    for (const link of document.querySelectorAll('a[data-carries]')) link.href = `${link.dataset.carries}?${full}`;
  }, 150);
}

const made = (tag, properties = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(properties)) {
    if (key in element && key !== 'list') element[key] = value; else element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
};
const onScale = (lever, value) => (lever.log ? Math.log(value) : value);
const offScale = (lever, value) => (lever.log ? Math.exp(value) : value);
const STEPS = 200;
const place = (lever, value) => Math.round((STEPS * (onScale(lever, value) - onScale(lever, lever.low))) / (onScale(lever, lever.high) - onScale(lever, lever.low)));
const amount = (lever, at) => offScale(lever, onScale(lever, lever.low) + (at / STEPS) * (onScale(lever, lever.high) - onScale(lever, lever.low)));
const tidy = (value) => Number(value.toPrecision(3));
const short = (value) => value.toLocaleString('en-US', { maximumSignificantDigits: 3 });

// Controls -----------------------------------------------------------------------------------------------------
function leverRow(lever, index) {
  const name = `lever-${index}`;
  const slider = made('input', { type: 'range', min: '0', max: String(STEPS), step: '1', id: name });
  slider.setAttribute('aria-describedby', `${name}-about`);
  const field = made('input', { type: 'number', step: 'any', className: 'amount', inputMode: 'decimal' });
  field.setAttribute('aria-label', `${lever.meaning}, value in ${lever.unit}`);
  const clear = made('button', { type: 'button', className: 'quiet-button', textContent: 'not set' });
  const refusal = made('p', { className: 'refusal', role: 'status' });
  const whose = lever.id.includes('/') ? `${lever.options.map((id) => data.options.find((each) => each.id === id).name).join(', ')}: ` : '';
  const row = made('div', { className: 'lever' },
    made('label', { htmlFor: name }, whose + lever.meaning),
    made('div', { className: 'lever-line' }, slider, field, clear),
    made('p', { className: 'quiet', id: `${name}-about` }, `${short(lever.low)} to ${short(lever.high)} ${lever.unit}`),
    made('details', { className: 'about' }, made('summary', {}, 'prior and source'), made('p', {}, `Prior ${lever.prior}, grade ${lever.grade}. Source: ${lever.source}. Parameter `, made('code', {}, lever.parameter), '.')),
    refusal);
  const show = () => {
    const value = state.settings.get(lever.id);
    row.classList.toggle('is-set', value !== undefined);
    slider.value = String(place(lever, Math.min(Math.max(value ?? lever.middle, lever.low), lever.high)));
    field.value = value === undefined ? '' : String(Number(value.toPrecision(6)));
    field.placeholder = 'uncertain';
    slider.setAttribute('aria-valuetext', value === undefined ? 'not set: uncertain as in the case' : `${tidy(value)} ${lever.unit}`);
    clear.textContent = value === undefined ? 'not set' : 'unset';
    clear.disabled = value === undefined;
    const outside = value !== undefined && surrogate.outside(lever.id, value);
    refusal.textContent = outside ? `${tidy(value)} lies outside what the run has drawn: no approximation. Run the model to see it.` : '';
  };
  slider.addEventListener('input', (event) => {
    state.settings.set(lever.id, tidy(amount(lever, Number(slider.value))) || amount(lever, Number(slider.value)));
    const value = state.settings.get(lever.id);
    if (value < lever.low) state.settings.set(lever.id, lever.low);
    if (value > lever.high) state.settings.set(lever.id, lever.high);
    show();
    changed(event.timeStamp);
  });
  slider.addEventListener('change', () => confirmSoon());
  field.addEventListener('change', () => {
    if (field.value === '') state.settings.delete(lever.id);
    else if (Number.isFinite(Number(field.value))) state.settings.set(lever.id, Number(field.value));
    show();
    changed();
    confirmSoon();
  });
  clear.addEventListener('click', () => { state.settings.delete(lever.id); show(); changed(); confirmSoon(); });
  return { row, show };
}

const rows = data.levers.map(leverRow);
document.getElementById('levers').replaceChildren(...rows.map((each) => each.row));

const optionBoxes = data.options.map((option) => {
  const box = made('input', { type: 'checkbox', checked: true, value: option.id });
  box.addEventListener('change', () => {
    if (box.checked) state.options.add(option.id);
    else if (state.options.size > 1) state.options.delete(option.id);
    else box.checked = true;
    changed();
  });
  const symbol = made('span', { className: `symbol ink-${option.ink}`, textContent: option.symbol });
  symbol.setAttribute('aria-hidden', 'true');
  return made('label', { className: 'check' }, box, symbol, ` ${option.name}${option.reference ? ' (reference)' : ''}`);
});
document.getElementById('options').replaceChildren(...optionBoxes);

const viewChoice = document.getElementById('view');
viewChoice.replaceChildren(...data.perspectives.map((each) => made('option', { value: each.actor, textContent: each.name })));
viewChoice.addEventListener('change', () => { state.view = viewChoice.value; state.weights.clear(); drawWeights(); changed(); });
const perspective = () => data.perspectives.find((each) => each.actor === state.view);

function drawWeights() {
  const box = document.getElementById('weights');
  const view = perspective();
  if (!view) { box.replaceChildren(made('p', { className: 'quiet', textContent: 'This case states no value weights.' })); return; }
  box.replaceChildren(...view.criteria.map((each, index) => {
    const outcome = data.outcomes.find((one) => one.id === each.outcome);
    const slider = made('input', { type: 'range', min: '0', max: '1', step: '0.01', id: `weight-${index}` });
    const shown = made('output', { htmlFor: `weight-${index}` });
    const value = state.weights.get(each.outcome) ?? each.weight;
    slider.value = String(value);
    shown.textContent = value.toFixed(2);
    slider.addEventListener('input', (event) => {
      state.weights.set(each.outcome, Number(slider.value));
      shown.textContent = Number(slider.value).toFixed(2);
      changed(event.timeStamp);
    });
    return made('div', { className: 'weight' }, made('label', { htmlFor: `weight-${index}` }, `${each.sign > 0 ? 'more' : 'less'}: ${outcome.label}`), made('div', { className: 'lever-line' }, slider, shown));
  }));
}

// What follows -------------------------------------------------------------------------------------------------
const charts = data.outcomes.filter((outcome) => outcome.headline).map((outcome) => {
  const box = made('div', { className: 'plot' });
  box.setAttribute('aria-hidden', 'true');
  const note = made('p', { className: 'quiet note-line' });
  const figure = made('figure', { className: 'chart small', id: `chart-${outcome.id}` },
    made('figcaption', {}, made('b', {}, outcome.label), made('span', {}, unitOf(outcome))), box, note);
  document.getElementById('charts').append(figure);
  return { outcome, note, figure, chart: new Chart(box, data, outcome), row: data.outcomes.indexOf(outcome) };
});
function unitOf(outcome) {
  if (outcome.kind === 'probability') return outcome.rare ? 'log scale' : 'share of histories';
  return outcome.unit;
}
const shownOptions = () => data.options.map((option, at) => ({ ...option, at })).filter((option) => state.options.has(option.id));

let latest = null;
let exact = null;
function table(cells) {
  const options = shownOptions();
  const head = document.querySelector('#numbers thead tr');
  const wanted = options.map((option) => option.id).join();
  const body = document.querySelector('#numbers tbody');
  if (head.dataset.options !== wanted) {
    head.dataset.options = wanted;
    head.replaceChildren(made('th', { scope: 'col', textContent: 'Outcome by the horizon' }), ...options.map((option) => made('th', { scope: 'col', textContent: `${option.symbol} ${option.name}` })));
    body.replaceChildren(...data.outcomes.map((outcome) => {
      const line = made('tr', {}, made('th', { scope: 'row' }, outcome.label, made('span', { className: 'unit' })));
      for (const option of options) {
        const main = made('a', { className: 'main why', href: `/runs/${runId}/explain/${outcome.id}/${option.id}` });
        line.append(made('td', {}, main, made('span', { className: 'range' }), made('span', { className: 'range shift' })));
      }
      return line;
    }));
  }
  data.outcomes.forEach((outcome, row) => {
    const rule = words.rowWording(outcome, cells[row]);
    body.rows[row].querySelector('.unit').textContent = rule.unit;
    options.forEach((option, column) => {
      const cell = body.rows[row].cells[column + 1];
      const value = cells[row][option.at];
      const [main, range, shift] = cell.children;
      if (outcome.paired && option.reference) { main.textContent = '–'; range.textContent = ''; shift.textContent = ''; return; }
      main.textContent = words.mean(rule, value);
      main.setAttribute('aria-label', `${outcome.label}, ${option.name}: ${main.textContent} ${rule.unit}`.trim() + '. Why?');
      range.textContent = words.interval(rule, value);
      shift.textContent = value.moved && !exact ? `approximate, ± ${small(outcome, value.error)}` : '';
    });
  });
}
function small(outcome, error) {
  if (outcome.kind === 'amount') return words.number(error);
  if (error > 0 && error < 0.001) return `${(error * 1e6).toPrecision(2)} in 1,000,000`;
  return `${(100 * error).toPrecision(2)} points`;
}

async function draw(cells) {
  const options = shownOptions();
  const base = data.cells;
  await Promise.all(charts.map(({ outcome, chart, note, row }) => {
    const lines = options.filter((option) => !(outcome.paired && option.reference)).map((option) => {
      const now = cells[row][option.at];
      const then = base[row][option.at];
      return {
        id: option.id, name: `${option.symbol} ${option.name}`, mean: now.mean, low: now.low, high: now.high,
        base: then.mean, base_low: then.p05, base_high: then.p95,
      };
    });
    const moved = options.map((option) => cells[row][option.at]).filter((cell) => cell.moved);
    const worst = moved.length ? Math.max(...moved.map((cell) => cell.error)) : 0;
    note.textContent = exact ? 'exact run' : moved.length ? `approximate: the means may be off by ± ${small(outcome, worst)}` : '';
    return chart.draw(lines);
  }));
}

function drawSupport(cells) {
  const view = perspective();
  const box = document.getElementById('support');
  if (!view) { box.replaceChildren(); return; }
  const options = shownOptions();
  const found = support(data, cells, view, state.weights, options.map((option) => option.at));
  const list = options.map((option) => {
    const share = found.first[option.at];
    const meter = made('meter', { min: 0, max: 1, value: share });
    meter.setAttribute('aria-label', `${option.name}: highest value in ${Math.round(100 * share)}% of draws`);
    return made('li', {}, made('span', { className: `symbol ink-${option.ink}`, textContent: option.symbol }), made('span', { className: 'support-name', textContent: option.name }), meter, made('span', { className: 'support-share', textContent: `${Math.round(100 * share)}%` }));
  });
  box.replaceChildren(...list);
  document.getElementById('support-title').textContent = `Highest value for ${view.name}, share of draws`;
}

const statusLine = document.getElementById('status');
function tell(refused) {
  const set = state.settings.size;
  root.classList.toggle('is-refused', Boolean(refused));
  if (refused === 'together') statusLine.textContent = 'These settings together lie outside what the run has drawn: no approximation. Move one back, or run the model.';
  else if (refused) statusLine.textContent = `No approximation outside the range of the draws (${levers.get(refused).meaning}). Run the model to see it.`;
  else if (exact) statusLine.textContent = `Exact: ${exact.draws} draws × ${exact.replicates} replicates with these settings, in ${exact.seconds.toFixed(1)} s.`;
  else if (set) statusLine.textContent = `Approximate: ${set} parameter${set > 1 ? 's' : ''} set; a surrogate fitted to ${data.draws} draws, its errors beside the numbers.`;
  else statusLine.textContent = `The stored run: ${data.draws} draws × ${data.replicates} replicates, nothing set.`;
}

let drawing = null;
let again = false;
const timings = [];
async function changed(since) {
  exact = null;
  if (since !== undefined) state.since = since;
  if (drawing) { again = true; return; }
  drawing = true;
  do {
    again = false;
    const began = state.since;
    state.since = undefined;
    const found = surrogate.predict(state.settings);
    tell(found.refused);
    if (!found.refused) {
      latest = found.cells;
      drawSupport(found.cells);
      await draw(found.cells);
      if (began !== undefined) {
        timings.push(performance.now() - began);
        root.dataset.redraws = JSON.stringify(timings.slice(-200).map((value) => Math.round(value * 10) / 10));
      }
      tableSoon(found.cells);
    }
    writeAddress();
  } while (again);
  drawing = null;
}
// The table follows when the browser has drawn the charts.
let tableTimer = 0;
function tableSoon(cells) {
  window.clearTimeout(tableTimer);
  tableTimer = window.setTimeout(() => table(cells), 60);
}

// Confirmation by an exact run ---------------------------------------------------------------------------------
let confirming = null;
let confirmTimer = 0;
function confirmSoon() {
  window.clearTimeout(confirmTimer);
  if (document.getElementById('confirm-on-release').checked && state.settings.size) confirmTimer = window.setTimeout(confirm, 350);
}
async function confirm() {
  if (confirming) confirming.cancel();
  const settings = Object.fromEntries(state.settings);
  const key = JSON.stringify(settings);
  const job = await post(`/cases/${data.case}/exact.json`, { run: runId, settings });
  if (!job.ok) { announce(job.message); return; }
  confirming = follow(job.content.id, document.getElementById('job'));
  const done = await confirming.done;
  confirming = null;
  if (!done || done.status !== 'done' || JSON.stringify(Object.fromEntries(state.settings)) !== key) return;
  const result = done.result;
  const cells = data.cells.map((row, r) => row.map((cell, c) => {
    const found = result.cells[data.outcomes[r].id]?.[data.options[c].id];
    return found ? { mean: found.mean, low: found.p05, high: found.p95, mcse: found.mcse, error: 0, moved: true, draws: found.draws } : { ...cell, low: cell.p05, high: cell.p95, draws: cell.amounts };
  }));
  exact = { draws: result.draws, replicates: result.replicates, seconds: result.seconds };
  tell(null);
  drawSupport(cells);
  await draw(cells);
  table(cells);
  root.dataset.exact = key;
}
document.getElementById('confirm')?.addEventListener('click', confirm);
document.getElementById('reset').addEventListener('click', () => {
  state.settings.clear(); state.weights.clear();
  rows.forEach((each) => each.show()); drawWeights(); changed();
});
document.getElementById('copy').addEventListener('click', async () => {
  writeAddress();
  const text = query();
  const link = `${window.location.origin}${window.location.pathname}${text ? `?${text}` : ''}`;
  try { await navigator.clipboard.writeText(link); announce('Link copied.'); } catch { announce(link); }
});

let resizeTimer = 0;
window.addEventListener('resize', () => { window.clearTimeout(resizeTimer); resizeTimer = window.setTimeout(() => latest && draw(latest), 150); });

readAddress();
optionBoxes.forEach((label) => { label.firstChild.checked = state.options.has(label.firstChild.value); });
if (state.view) viewChoice.value = state.view;
rows.forEach((each) => each.show());
drawWeights();
await changed();
table(latest ?? surrogate.predict(new Map()).cells);
root.dataset.ready = String(Math.round(performance.now()));
globalThis.excommSurrogate = surrogate;
