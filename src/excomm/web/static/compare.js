// Two settings side by side: the same surrogate, asked twice.
import { Chart } from './charts.js';
import { Surrogate } from './surrogate.js';
import * as words from './words.js';

const root = document.getElementById('compare');
const data = await (await fetch(`/cases/${root.dataset.case}/explore.json?run=${encodeURIComponent(root.dataset.run)}`, { headers: { accept: 'application/json' } })).json();
const surrogate = new Surrogate(data);
const sides = { a: new Map(), b: new Map() };
const query = new URLSearchParams(window.location.search);
for (const [key, text] of query) {
  // A link from the explore page brings one setting: it becomes B, beside the run as it is.
  const found = /^(?:(a|b)\.)?set\.(.+)$/.exec(key);
  if (found && surrogate.levers.has(found[2]) && Number.isFinite(Number(text))) sides[found[1] ?? 'b'].set(found[2], Number(text));
}
const tidy = (value) => Number(value.toPrecision(4));
const short = (value) => value.toLocaleString('en-US', { maximumSignificantDigits: 3 });
const cell = (tag, ...children) => { const made = document.createElement(tag); made.append(...children); return made; };
// Rows of a table that a narrow window lays out as blocks: roles keep it a table for a screen reader, and each entry
// names the column that no longer stands above it.
const line = (head, columns, ...entries) => {
  head.scope = 'row';
  head.setAttribute('role', 'rowheader');
  entries.forEach((entry, at) => { entry.setAttribute('role', 'cell'); entry.dataset.column = columns[at]; });
  const row = cell('tr', head, ...entries);
  row.setAttribute('role', 'row');
  return row;
};

const fields = [];
document.getElementById('settings').replaceChildren(...data.levers.map((lever) => {
  const whose = lever.id.includes('/') ? `${lever.options.map((id) => data.options.find((each) => each.id === id).name).join(', ')}: ` : '';
  const head = cell('th', whose + lever.meaning);
  const about = document.createElement('span');
  about.className = 'range';
  about.textContent = `${short(lever.low)} to ${short(lever.high)} ${lever.unit}`;
  head.append(about);
  return line(head, ['A', 'B'], ...['a', 'b'].map((side) => {
    const field = document.createElement('input');
    field.type = 'number';
    field.step = 'any';
    field.placeholder = 'uncertain';
    field.className = 'amount';
    field.setAttribute('aria-label', `${whose}${lever.meaning} in ${side.toUpperCase()}, ${lever.unit}`);
    field.addEventListener('input', () => {
      if (field.value === '' || !Number.isFinite(Number(field.value))) sides[side].delete(lever.id); else sides[side].set(lever.id, Number(field.value));
      show();
    });
    fields.push([field, side, lever.id]);
    return cell('td', field);
  }));
}));
const fill = () => { for (const [field, side, id] of fields) field.value = sides[side].has(id) ? String(tidy(sides[side].get(id))) : ''; };

const choice = document.getElementById('option');
choice.replaceChildren(...data.options.map((option) => { const made = document.createElement('option'); made.value = option.id; made.textContent = option.name; return made; }));
if (data.options.some((option) => option.id === query.get('option'))) choice.value = query.get('option');
choice.addEventListener('change', () => show());

const charts = data.outcomes.filter((outcome) => outcome.headline).map((outcome) => {
  const box = document.createElement('div');
  box.className = 'plot';
  box.setAttribute('aria-hidden', 'true');
  const unit = outcome.kind === 'probability' ? (outcome.rare ? 'log scale' : 'share of histories') : outcome.unit;
  const title = document.createElement('b');
  title.textContent = outcome.label;
  const figure = cell('figure', cell('figcaption', title, cell('span', unit)), box);
  figure.className = 'chart small';
  document.getElementById('charts').append(figure);
  return { outcome, chart: new Chart(box, data, outcome), row: data.outcomes.indexOf(outcome) };
});

function links() {
  const kept = new URLSearchParams();
  if (query.has('run')) kept.set('run', root.dataset.run);
  for (const side of ['a', 'b']) {
    const own = new URLSearchParams(kept.has('run') ? { run: root.dataset.run } : {});
    for (const [id, value] of sides[side]) own.set(`set.${id}`, String(Number(value.toPrecision(6))));
    document.getElementById(`open-${side}`).href = `/cases/${data.case}/explore?${own}`;
  }
  for (const side of ['a', 'b']) for (const [id, value] of sides[side]) kept.set(`${side}.set.${id}`, String(Number(value.toPrecision(6))));
  if (choice.value !== data.options[0].id) kept.set('option', choice.value);
  window.history.replaceState(null, '', `${window.location.pathname}${kept.size ? `?${kept}` : ''}`);
}

function difference(outcome, a, b) {
  const change = b.mean - a.mean;
  const error = Math.hypot(a.error, b.error);
  const sign = change > 0 ? '+' : change < 0 ? '−' : '';
  const size = Math.abs(change);
  const text = outcome.kind === 'amount' ? words.number(size, Math.abs(b.high - b.low) / 20 || undefined) : `${(100 * size).toPrecision(2)} points`;
  const off = outcome.kind === 'amount' ? words.number(error) : `${(100 * error).toPrecision(2)} points`;
  return change === 0 ? 'no change' : `${sign}${text} (± ${off})`;
}

let running = false;
let again = false;
async function show() {
  if (running) { again = true; return; }
  running = true;
  do {
    again = false;
    links();
    const found = { a: surrogate.predict(sides.a), b: surrogate.predict(sides.b) };
    const refused = ['a', 'b'].find((side) => found[side].refused);
    root.classList.toggle('is-refused', Boolean(refused));
    document.getElementById('status').textContent = refused
      ? `${refused.toUpperCase()} lies outside what the run has drawn: no approximation.`
      : `A: ${sides.a.size || 'nothing'} set. B: ${sides.b.size || 'nothing'} set. ${data.draws} draws.`;
    if (!refused) {
      const at = data.options.findIndex((option) => option.id === choice.value);
      document.querySelector('#both tbody').replaceChildren(...data.outcomes.map((outcome, row) => {
        const [a, b] = [found.a.cells[row][at], found.b.cells[row][at]];
        const rule = words.rowWording(outcome, [...found.a.cells[row], ...found.b.cells[row]]);
        const head = cell('th', outcome.label);
        const unit = document.createElement('span');
        unit.className = 'unit';
        unit.textContent = rule.unit;
        head.append(unit);
        const undefinedHere = outcome.paired && data.options[at].reference;
        const entry = (value) => { const made = cell('td', undefinedHere ? '–' : words.mean(rule, value)); if (!undefinedHere) { const span = document.createElement('span'); span.className = 'range'; span.textContent = words.interval(rule, value); made.append(span); } return made; };
        return line(head, ['A', 'B', 'B less A'], entry(a), entry(b), cell('td', undefinedHere ? '–' : difference(outcome, a, b)));
      }));
      await Promise.all(charts.map(({ outcome, chart, row }) => chart.draw(data.options.map((option, place) => ({ option, place }))
        .filter(({ option }) => !(outcome.paired && option.reference)).map(({ option, place }) => {
          const [a, b] = [found.a.cells[row][place], found.b.cells[row][place]];
          return { id: option.id, name: `${option.symbol} ${option.name}`, mean: b.mean, low: b.low, high: b.high, base: a.mean, base_low: a.low, base_high: a.high };
        }))));
    }
  } while (again);
  running = false;
  root.dataset.ready = '1';
}
document.getElementById('swap').addEventListener('click', () => { [sides.a, sides.b] = [sides.b, sides.a]; fill(); show(); });
document.getElementById('clear').addEventListener('click', () => { sides.a.clear(); sides.b.clear(); fill(); show(); });
let resizeTimer = 0;
window.addEventListener('resize', () => { window.clearTimeout(resizeTimer); resizeTimer = window.setTimeout(show, 150); });
fill();
show();
