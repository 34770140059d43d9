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

const percent = (value, digits = 0) => `${(100 * value).toFixed(digits)}%`;

export function frequency(probability) {
  if (Number.isNaN(probability)) return '–';
  if (probability <= 0) return '0';
  if (probability >= 0.1) return percent(probability);
  for (const base of [100, 1000, 10000, 100000, 1000000]) {
    const count = probability * base;
    if (count >= 0.95) {
      const shown = count >= 2.95 ? count.toFixed(0) : count.toFixed(1).replace(/\.0$/, '');
      return `${shown} in ${base.toLocaleString('en-US')}`;
    }
  }
  return 'under 1 in 1,000,000';
}

export function single(outcome, value, spread) {
  if (outcome.kind === 'probability') return outcome.rare ? frequency(value) : percent(value);
  if (outcome.kind === 'share') return value >= 0.1 || value === 0 ? percent(value) : percent(value, 1);
  return number(value, spread);
}

export function interval(outcome, low, high, mean) {
  if (outcome.rare && mean > 0 && Math.max(mean, high) < 0.1) {
    const base = [100, 1000, 10000, 100000, 1000000].find((each) => mean * each >= 0.95) ?? 1000000;
    const count = (value) => {
      const amount = value * base;
      if (amount >= 9.5) return Math.round(amount).toLocaleString('en-US');
      return amount >= 0.05 ? amount.toFixed(1).replace(/\.0$/, '') : '0';
    };
    return `${count(low)} to ${count(high)} in ${base.toLocaleString('en-US')}`;
  }
  const width = Math.abs(high - low) / 20 || undefined;
  return `${single(outcome, low, width)} to ${single(outcome, high, width)}`;
}

export function mean(outcome, cell) {
  return single(outcome, cell.mean, Math.abs(cell.high - cell.low) / 20 || undefined);
}
