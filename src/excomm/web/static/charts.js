// Charts: Vega-Lite, drawn without evaluating text as code (the interpreter walks the parsed expressions).
import { expressionInterpreter } from './vendor/vega-interpreter.js';

const { vega, vegaLite } = globalThis;
const INK = 'var(--ink)';
const QUIET = 'var(--quiet)';
const RULE = 'var(--rule)';
const CONFIG = {
  view: { stroke: null },
  font: 'system-ui, "Liberation Sans", Arial, sans-serif',
  axis: {
    labelColor: QUIET, titleColor: QUIET, gridColor: RULE, tickColor: RULE, labelFontSize: 11, titleFontSize: 11,
    titleFontWeight: 'normal', domain: false,
  },
};

// Each label by itself: 0, 500, 1k, and 0.8 of an index.
const PLAIN = "abs(datum.value) >= 1000 ? format(datum.value, '~s') : format(datum.value, '~g')";

// Round numbers outside the ends of the data.
function ends(low, high, isLog) {
  if (isLog) {
    const floor = Math.max(low, 1e-7);
    return [10 ** Math.floor(Math.log10(floor / 1.5)), Math.min(1, 10 ** Math.ceil(Math.log10(Math.max(high * 1.5, floor * 10))))];
  }
  const span = high - low || 1;
  const step = 10 ** Math.floor(Math.log10(span)) / 2;
  return [Math.floor((low - span * 0.06) / step) * step, Math.ceil((high + span * 0.06) / step) * step];
}

function axisOf(outcome) {
  if (outcome.rare && outcome.kind === 'probability') {
    return {
      scale: { type: 'log', nice: false },
      axis: { labelExpr: "datum.value >= 1 ? 'certain' : '1 in ' + format(round(1 / datum.value), '~s')", values: [1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1], labelOverlap: 'greedy', labelSeparation: 8, labelFlush: true },
    };
  }
  const share = outcome.kind === 'probability' || outcome.kind === 'share';
  return { scale: { nice: false, zero: false }, axis: { ...(share ? { format: '.0%' } : { labelExpr: PLAIN }), tickCount: 5, labelFlush: true, labelOverlap: 'greedy', labelSeparation: 8 } };
}

export function specification(data, outcome, names, width) {
  const { scale, axis } = axisOf(outcome);
  const x = (field) => ({
    field, type: 'quantitative', title: null,
    scale: { ...scale, domain: [{ expr: 'low' }, { expr: 'high' }], clamp: true }, axis: { grid: true, ...axis },
  });
  const colour = {
    field: 'id', type: 'nominal', legend: null,
    scale: { domain: data.options.map((each) => each.id), range: data.options.map((each) => `var(--${each.ink})`) },
  };
  const shape = {
    field: 'id', type: 'nominal', legend: null,
    scale: { domain: data.options.map((each) => each.id), range: data.options.map((each) => each.shape) },
  };
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'transparent', padding: { left: 2, right: 12, top: 4, bottom: 2 }, config: CONFIG,
    width, height: { step: 24 }, autosize: { type: 'pad' },
    params: [{ name: 'low', value: 0 }, { name: 'high', value: 1 }],
    data: { name: 'cells', values: [] },
    encoding: {
      y: {
        field: 'name', type: 'nominal', sort: names,
        axis: { title: null, ticks: false, grid: false, labelLimit: 150, labelPadding: 6, labelColor: INK, labelFontSize: 12 },
      },
    },
    layer: [
      { mark: { type: 'rule', strokeWidth: 1.2, color: QUIET, yOffset: 6, opacity: 0.8 }, encoding: { x: x('base_low'), x2: { field: 'base_high' } } },
      { mark: { type: 'tick', color: QUIET, thickness: 1.6, size: 8, yOffset: 6 }, encoding: { x: x('base') } },
      { mark: { type: 'rule', strokeWidth: 3.4, strokeCap: 'round', opacity: 0.5 }, encoding: { x: x('low'), x2: { field: 'high' }, color: colour } },
      { mark: { type: 'point', filled: true, size: 62, opacity: 1 }, encoding: { x: x('mean'), color: colour, shape } },
    ],
  };
}

export class Chart {
  constructor(box, data, outcome) {
    Object.assign(this, { box, data, outcome, view: null, domain: null, width: 0, names: '' });
  }

  // Rows: {id, name, mean, low, high, base, base_low, base_high}.
  async draw(rows) {
    const isLog = this.outcome.rare && this.outcome.kind === 'probability';
    const values = rows.flatMap((row) => [row.low, row.mean, row.high, row.base_low, row.base, row.base_high]).filter(Number.isFinite);
    const shown = isLog ? rows.flatMap((row) => [row.mean, row.high, row.base, row.base_high]).filter((value) => value > 0) : values;
    if (isLog && shown.length) shown.push(Math.min(...shown) / 5);
    let [low, high] = shown.length ? [Math.min(...shown), Math.max(...shown)] : [0, 1];
    if (!isLog && this.outcome.kind !== 'amount') { low = Math.max(low, 0); high = Math.min(high, 1); }
    // The scale only widens while a lever moves, so that marks move and the axis does not.
    const known = this.domain;
    const names = rows.map((row) => row.name).join('|');
    const width = Math.max(90, this.box.clientWidth - 178);
    if (!known || low < known[0] || high > known[1]) {
      const wide = ends(low, high, isLog);
      this.domain = known ? [Math.min(known[0], wide[0]), Math.max(known[1], wide[1])] : wide;
      if (!isLog && this.outcome.kind !== 'amount') this.domain = [Math.max(0, this.domain[0]), Math.min(1, this.domain[1])];
      if (!isLog && low >= 0) this.domain[0] = Math.max(0, this.domain[0]);
      if (this.domain[0] >= this.domain[1]) this.domain = [this.domain[0], this.domain[0] + 1];
    }
    if (!this.view || names !== this.names || Math.abs(width - this.width) > 8) {
      this.view?.finalize();
      this.box.replaceChildren();
      this.names = names;
      this.width = width;
      const spec = vegaLite.compile(specification(this.data, this.outcome, rows.map((row) => row.name), width)).spec;
      this.view = new vega.View(vega.parse(spec, null, { ast: true }), {
        expr: expressionInterpreter, renderer: 'svg', container: this.box, hover: false, logLevel: vega.Error,
      });
    }
    this.view.signal('low', this.domain[0]).signal('high', this.domain[1]).data('cells', isLog ? rows.map((row) => floored(row, this.domain[0])) : rows);
    await this.view.runAsync();
  }
}

function floored(row, least) {
  const held = { ...row };
  for (const key of ['mean', 'low', 'high', 'base', 'base_low', 'base_high']) held[key] = Math.max(row[key], least);
  return held;
}

const lineWidth = (box) => Math.max(180, Math.min(900, box.clientWidth - 76));

// A probability over days, with an upright line at the chosen day. {at(day)} moves the line.
export async function lineChart(box, rows, day) {
  const time = (field) => ({ field, type: 'temporal', timeUnit: 'utcyearmonthdate', title: null, axis: { format: '%d %b %Y', tickCount: 6, labelOverlap: 'greedy', labelSeparation: 8, labelFlush: true, grid: false } });
  const spec = {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json', background: 'transparent', config: CONFIG,
    padding: { left: 4, right: 20, top: 6, bottom: 4 }, width: lineWidth(box), height: 190,
    layer: [
      {
        data: { values: rows },
        encoding: { x: time('date'), y: { field: 'posterior', type: 'quantitative', title: null, scale: { domain: [0, 1] }, axis: { format: '.0%', tickCount: 5 } } },
        layer: [
          { mark: { type: 'line', interpolate: 'step-after', color: 'var(--option-1)', strokeWidth: 2 } },
          { transform: [{ filter: 'datum.said' }], mark: { type: 'point', filled: true, color: 'var(--option-1)', size: 45 } },
        ],
      },
      { data: { name: 'chosen', values: [{ day }] }, mark: { type: 'rule', color: INK, strokeWidth: 1.4 }, encoding: { x: time('day') } },
    ],
  };
  const view = new vega.View(vega.parse(vegaLite.compile(spec).spec, null, { ast: true }), {
    expr: expressionInterpreter, renderer: 'svg', container: box, hover: false, logLevel: vega.Error,
  });
  await view.runAsync();
  window.addEventListener('resize', () => view.width(lineWidth(box)).runAsync());
  return { at: (next) => view.data('chosen', [{ day: next }]).runAsync() };
}
