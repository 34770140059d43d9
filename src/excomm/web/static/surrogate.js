// The surrogate of a run, evaluated in the browser: the same arithmetic as excomm.analysis.surrogate.
const RANGE_STRENGTH = 0.01;
const SAME = 1e-9;
const Z95 = 1.6449;

function forward(value, cell) {
  if (cell.transform === 'log') return Math.log(value + cell.offset);
  if (cell.transform === 'logit') {
    const clipped = Math.min(Math.max(value, cell.offset), 1 - cell.offset);
    return Math.log(clipped / (1 - clipped));
  }
  return value;
}

function back(value, cell) {
  if (cell.transform === 'log') return Math.exp(Math.min(value, 700)) - cell.offset;
  return cell.transform === 'logit' ? 1 / (1 + Math.exp(-value)) : value;
}

function slope(value, cell) {
  if (cell.transform === 'log') return value + cell.offset;
  return cell.transform === 'logit' ? value * (1 - value) : 1;
}

export function quantile(sorted, level) {
  const at = (sorted.length - 1) * level;
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
}

const ascending = (values) => Float64Array.from(values).sort();

export class Surrogate {
  constructor(data) {
    this.data = data;
    this.levers = new Map(data.levers.map((lever, place) => [lever.id, place]));
    this.designs = data.designs.map((design) => ('as' in design ? data.designs[design.as] : design));
    const count = data.levers.length;
    // Terms: scores, squares, products of pairs in order.
    this.terms = [];
    for (let i = 0; i < count; i += 1) this.terms.push([i]);
    for (let i = 0; i < count; i += 1) this.terms.push([i, i]);
    for (let i = 0; i < count; i += 1) for (let j = i + 1; j < count; j += 1) this.terms.push([i, j]);
    for (const row of data.cells) {
      for (const cell of row) {
        cell.seen = Float64Array.from(cell.amounts, (value) => forward(value, cell));
        cell.kept = Float64Array.from(cell.seen, (value) => back(value, cell));
        const sorted = ascending(cell.amounts);
        cell.average = cell.amounts.reduce((sum, value) => sum + value, 0) / cell.amounts.length;
        cell.ends = [quantile(sorted, 0.05), quantile(sorted, 0.95)];
      }
    }
  }

  score(lever, value) {
    return ((lever.log ? Math.log(value) : value) - lever.centre) / lever.spread;
  }

  // Why a value of a lever is refused, or null.
  outside(id, value) {
    const lever = this.data.levers[this.levers.get(id)];
    if (!Number.isFinite(value)) return 'Write a number.';
    const slack = Math.abs(lever.high - lever.low) * SAME;
    if (value < lever.low - slack || value > lever.high + slack) return 'outside';
    return null;
  }

  // Change of every term under an option: its own columns only where a set lever acts.
  shift(place, settings) {
    const design = this.designs[place];
    const option = this.data.options[place].id;
    const moved = new Map();
    for (const [id, value] of settings) {
      const at = this.levers.get(id);
      if (at !== undefined && this.data.levers[at].options.includes(option)) {
        moved.set(at, this.score(this.data.levers[at], value));
      }
    }
    const draws = design.scores.length ? design.scores[0].length : 0;
    const changes = [];
    if (moved.size) {
      this.terms.forEach((term, index) => {
        if (!term.some((at) => moved.has(at))) return;
        const change = new Float64Array(draws);
        const [i, j] = term;
        const one = design.scores[i];
        const fixed = moved.get(i);
        if (j === undefined) {
          for (let d = 0; d < draws; d += 1) change[d] = fixed - one[d];
        } else {
          const other = design.scores[j];
          const pinned = moved.get(j);
          for (let d = 0; d < draws; d += 1) {
            const left = fixed === undefined ? one[d] : fixed;
            const right = pinned === undefined ? other[d] : pinned;
            change[d] = left * right - one[d] * other[d];
          }
        }
        changes.push([index, change]);
      });
    }
    return changes;
  }

  variance(design, means, strength) {
    const rank = design.squares.length;
    const along = new Float64Array(rank);
    let spread = 0;
    for (const [index, mean] of means) {
      const loading = design.loadings[index];
      for (let r = 0; r < rank; r += 1) along[r] += mean * loading[r];
      spread += (mean * design.weights[index]) ** 2;
    }
    let lost = 0;
    for (let r = 0; r < rank; r += 1) lost += along[r] ** 2 * (1 / strength - 1 / (design.squares[r] + strength));
    return Math.max(spread / strength - lost, 0);
  }

  // Outcomes at the settings (a Map of lever -> value): {refused, cells[outcome][option]}.
  predict(settings) {
    for (const [id, value] of settings) {
      if (this.outside(id, value)) return { refused: id, cells: null };
    }
    const prepared = this.data.options.map((_option, place) => {
      const changes = this.shift(place, settings);
      const means = changes.map(([index, change]) => [index, change.reduce((sum, value) => sum + value, 0) / change.length]);
      return { changes, means, known: new Map() };
    });
    for (let place = 0; place < prepared.length; place += 1) {
      const { changes, means } = prepared[place];
      if (!changes.length) continue;
      const design = this.designs[place];
      if (this.variance(design, means, RANGE_STRENGTH * design.scores[0].length) > design.limit) {
        return { refused: 'together', cells: null };
      }
    }
    const cells = this.data.cells.map((row) => row.map((cell, place) => this.cell(cell, place, prepared[place])));
    return { refused: null, cells };
  }

  cell(cell, place, prepared) {
    const { changes, means, known } = prepared;
    if (!changes.length) {
      return { mean: cell.mean, low: cell.p05, high: cell.p95, mcse: cell.mcse, error: 0, change: 0, draws: cell.amounts, moved: false };
    }
    const count = cell.amounts.length;
    const step = new Float64Array(count);
    for (const [index, change] of changes) {
      const weight = cell.coefficients[index];
      if (weight !== 0) for (let d = 0; d < count; d += 1) step[d] += weight * change[d];
    }
    const draws = new Float64Array(count);
    let total = 0;
    let steep = 0;
    const most = cell.transform === 'logit' ? 1 : Infinity;
    const least = cell.transform === 'identity' ? -Infinity : 0;
    for (let d = 0; d < count; d += 1) {
      const there = back(cell.seen[d] + step[d], cell);
      const value = Math.min(Math.max(cell.amounts[d] + there - cell.kept[d], least), most);
      draws[d] = value;
      total += value;
      steep += slope(there, cell);
    }
    const average = total / count;
    if (!known.has(cell.strength)) known.set(cell.strength, this.variance(this.designs[place], means, cell.strength));
    const error = (Z95 * Math.sqrt(cell.noise * known.get(cell.strength)) * steep) / count;
    const sorted = ascending(draws);
    const low = Math.max(cell.p05 + quantile(sorted, 0.05) - cell.ends[0], least);
    const high = Math.min(cell.p95 + quantile(sorted, 0.95) - cell.ends[1], most);
    const change = average - cell.average;
    return {
      mean: Math.min(Math.max(cell.mean + change, least), most), low, high: Math.max(low, high), mcse: cell.mcse, error, change, draws, moved: true,
    };
  }
}

// Share of draws in which each option has the highest value, and its expected value, for weights by outcome.
export function support(data, cells, perspective, weights, chosen) {
  const criteria = perspective.criteria.map((each) => ({
    ...each,
    row: data.outcomes.findIndex((outcome) => outcome.id === each.outcome),
    size: weights.get(each.outcome) ?? each.weight,
  }));
  const sum = criteria.reduce((total, each) => total + each.size, 0);
  const first = new Float64Array(data.options.length);
  const worth = new Float64Array(data.options.length);
  if (!(sum > 0)) return { first, worth };
  const draws = cells[0][0].draws.length;
  for (let d = 0; d < draws; d += 1) {
    let best = -Infinity;
    let leaders = [];
    for (const place of chosen) {
      let score = 0;
      for (const each of criteria) {
        score += (each.size / sum) * ((cells[each.row][place].draws[d] * each.sign - each.low) / each.span);
      }
      worth[place] += score / draws;
      if (score > best) { best = score; leaders = [place]; } else if (score === best) leaders.push(place);
    }
    for (const place of leaders) first[place] += 1 / leaders.length / draws;
  }
  return { first, worth };
}
