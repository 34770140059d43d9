// Numbers as people read them: the same rules as excomm.engine.wording.
export function number(value, spread) {
  if (value === null || Number.isNaN(value)) return '–';
  if (value === 0) return '0';
  const scale = spread ? Math.abs(spread) : Math.abs(value) / 10;
  const exponent = Math.floor(Math.log10(Math.max(scale, Math.abs(value) * 1e-3, 1e-300)));
  const digits = Math.min(Math.max(-exponent, 0), 12);
  const rounded = exponent > 0 ? Math.round(value / 10 ** exponent) * 10 ** exponent : value;
  const text = rounded.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return /[1-9]/.test(text) ? text.replace('-', '−') : '0';
}

const UNITS = { km2: 'km²', 'km2/week': 'km² a week', 'people/week': 'people a week', 'weapons/week': 'weapons a week', share: '', probability: '', index: '', level: '', rung: '' };
const middle = (values) => [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)];

// The rule of `row_wording`: all numbers of a row in the same cases and to the same digit. cells: { mean, low, high, mcse }.
export function rowWording(outcome, cells) {
  const found = cells.filter((cell) => [cell.mean, cell.low, cell.high, cell.mcse].every(Number.isFinite));
  if (outcome.kind === 'probability' && outcome.rare) {
    const positive = found.filter((cell) => cell.mean > 0);
    const usual = positive.length ? middle(positive.map((cell) => cell.mean)) : 1;
    const base = [100, 1000, 10000, 100000].find((each) => usual * each >= 0.95) ?? 1000000;
    const isFine = !positive.length || middle(positive.map((cell) => base * cell.mcse)) < 0.5;
    return { factor: base, unit: `in ${base.toLocaleString('en-US')}`, sign: '', last: isFine ? -1 : 0, isCount: true };
  }
  if (outcome.kind !== 'amount') {
    const sizes = found.filter((cell) => cell.mean || cell.high).map((cell) => Math.max(Math.abs(cell.mean), Math.abs(cell.high)));
    return { factor: 100, unit: '', sign: '%', last: outcome.kind === 'share' && sizes.length && middle(sizes) < 0.1 ? -1 : 0, isCount: false };
  }
  const varying = found.filter((cell) => cell.low < cell.high);
  const spreads = (varying.length ? varying : found.filter((cell) => cell.mcse > 0)).map((cell) => Math.max((cell.high - cell.low) / 20, cell.mcse));
  const sizes = found.map((cell) => Math.abs(cell.mean)).filter((each) => each > 0);
  const spread = spreads.length ? middle(spreads) : (sizes.length ? middle(sizes) : 1) / 10;
  const usual = Math.floor(Math.log10(Math.max(spread, Math.max(0, ...sizes) * 1e-3, 1e-300)));
  const last = spreads.length ? Math.max(usual, Math.floor(Math.log10(Math.max(...spreads))) - 1) : usual;
  return { factor: 1, unit: UNITS[outcome.unit] ?? outcome.unit, sign: '', last, isCount: false };
}

function told(rule, value, oneSided) {
  if (value === null || Number.isNaN(value)) return '–';
  const amount = value * rule.factor;
  if (amount === 0) return `0${rule.sign}`;
  const last = rule.isCount && amount >= 9.5 ? 0 : rule.last;
  const digits = Math.min(Math.max(-last, 0), 12);
  const written = (size) => size.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const text = written(last > 0 ? Math.round(amount / 10 ** last) * 10 ** last : amount);
  if (!/[1-9]/.test(text)) return `${oneSided && amount > 0 ? `<${written(10 ** last)}` : '0'}${rule.sign}`;
  return `${text.replace('-', '−')}${rule.sign}`;
}

export const mean = (rule, cell) => told(rule, cell.mean, cell.low >= 0);

export function interval(rule, cell) {
  const [low, high] = [cell.low, cell.high].map((value) => told(rule, value, cell.low >= 0));
  return `${rule.sign && low.endsWith(rule.sign) ? low.slice(0, -1) : low} to ${high}`;
}
