// The ℓ1-SVM over all relu features of points in the plane, and the regularised network: in the page.
//
// X: rows [x1, x2]; y: labels ±1. A feature is u ↦ relu(u·x), |u| = 1; a column is a feature with a sign.
// Between two directions that are orthogonal to points, an arc, Σ w_i relu(u·x_i) is linear in u, so its
// extremes on the circle are finitely many and known. The rest is column generation.
const Margin = (() => {
  const dot = (a, b) => a[0] * b[0] + a[1] * b[1];
  const inner = (a, b) => { let s = 0; for (let i = 0; i < a.length; i++) s += a[i] * b[i]; return s; };
  const sum = (values) => values.reduce((a, b) => a + b, 0);
  const scores = (columns, a, X) =>
    X.map((x) => sum(columns.map(({ u, sign }, k) => a[k] * sign * Math.max(dot(u, x), 0))));

  // The angles at which some u·x_i changes its sign, in order.
  const corners = (X) =>
    [...new Set(X.flatMap((x) => [1, -1].map((s) => {
      const angle = Math.atan2(s * x[0], -s * x[1]);
      return angle < 0 ? angle + 2 * Math.PI : angle;
    })))].sort((a, b) => a - b);

  // F(u) = Σ w_i relu(u·x_i)
  const dual = (u, X, w) => sum(X.map((x, i) => w[i] * Math.max(dot(u, x), 0)));

  // The local maxima of |F| on the circle and the corners between arcs, as columns with a value.
  const summits = (X, w) => {
    const ends = corners(X);
    const found = ends.map((angle) => [Math.cos(angle), Math.sin(angle)]);
    ends.forEach((from, k) => {
      const to = k + 1 < ends.length ? ends[k + 1] : ends[0] + 2 * Math.PI;
      const middle = [Math.cos((from + to) / 2), Math.sin((from + to) / 2)];
      const v = [0, 1].map((c) => sum(X.map((x, i) => (dot(middle, x) > 0 ? w[i] * x[c] : 0))));
      const length = Math.hypot(...v);
      if (!length) return;
      for (const s of [1, -1]) {
        const u = v.map((c) => (s * c) / length);
        if (dot(u, middle) >= Math.cos((to - from) / 2) - 1e-12) found.push(u);
      }
    });
    return found.map((u) => {
      const value = dual(u, X, w);
      return { u, sign: value < 0 ? -1 : 1, value: Math.abs(value) };
    });
  };

  // The mixed strategies of the matrix game M: a maximises min_i (M a)_i, p minimises max_k (pᵀM)_k.
  // The simplex method on: maximise Σ z_i subject to (M + shift)ᵀ z ≤ 1, z ≥ 0, whose value is 1/Σz.
  const game = (M) => {
    const n = M.length, K = M[0].length;
    const shift = 1 - Math.min(...M.flat());
    const T = Array.from({ length: K }, (_, k) => [...M.map((row) => row[k] + shift),
      ...Array.from({ length: K }, (_, j) => +(j === k)), 1]);
    const cost = [...Array(n).fill(-1), ...Array(K + 1).fill(0)];
    const basis = T.map((_, k) => n + k), end = n + K;
    for (let step = 0; step < 5000; step++) {
      // the steepest column; after many steps the first one, which cannot cycle
      let j = -1;
      for (let c = 0; c < end; c++)
        if (cost[c] < -1e-12 && (j < 0 || (step < 500 && cost[c] < cost[j]))) j = c;
      if (j < 0) break;
      let r = -1;
      for (let k = 0; k < K; k++)
        if (T[k][j] > 1e-11 && (r < 0 || T[k][end] / T[k][j] < T[r][end] / T[r][j] - 1e-14
          || (T[k][end] / T[k][j] <= T[r][end] / T[r][j] + 1e-14 && basis[k] < basis[r]))) r = k;
      if (r < 0) break;
      const pivot = T[r][j];
      T[r] = T[r].map((v) => v / pivot);
      for (const row of [...T.filter((_, k) => k !== r), cost]) {
        const factor = row[j];
        if (factor) for (let c = 0; c <= end; c++) row[c] -= factor * T[r][c];
      }
      basis[r] = j;
    }
    const z = Array(n).fill(0);
    basis.forEach((j, k) => { if (j < n) z[j] = Math.max(T[k][end], 0); });
    const x = cost.slice(n, end).map((v) => Math.max(v, 0));
    return { p: z.map((v) => v / sum(z)), a: x.map((v) => v / sum(x)) };
  };

  // γ_ℓ1 between lower and upper: the measure Σ a_k sign_k δ_{u_k} with Σ a_k = 1, and the weights p.
  const svm = (X, y) => {
    let columns = [], best = { lower: 0, upper: Infinity, columns: [], a: [], p: y.map(() => 1 / y.length) };
    const ends = summits(X, y.map((v) => v / y.length));
    for (const { u } of ends) columns.push({ u, sign: 1 }, { u, sign: -1 });
    for (let round = 0; round < 200; round++) {
      const M = X.map((x, i) => columns.map(({ u, sign }) => y[i] * sign * Math.max(dot(u, x), 0)));
      const { p, a } = game(M);
      const lower = Math.min(...scores(columns, a, X).map((f, i) => y[i] * f));
      const found = summits(X, p.map((v, i) => v * y[i])).sort((s, t) => t.value - s.value);
      if (lower > best.lower || !best.columns.length) best = { ...best, lower: Math.max(lower, 0), columns, a };
      if (found[0].value < best.upper) best = { ...best, upper: found[0].value, p };
      if (best.upper - best.lower <= 1e-10 * best.upper) break;
      const used = columns.filter((_, k) => a[k] > 0);
      const fresh = found.filter((f) => f.value > lower * (1 + 1e-12) + 1e-15).slice(0, 8);
      if (!fresh.length) break;
      columns = [...used, ...columns.slice(0, 2 * ends.length), ...fresh];
    }
    const kept = best.columns.map((c, k) => ({ ...c, weight: best.a[k] })).filter((c) => c.weight > 1e-9);
    return { lower: best.lower, upper: best.upper, p: best.p, columns: merged(kept, X) };
  };

  // On an arc the features are linear in u: columns of one sign there are one column, and no heavier.
  const merged = (columns, X) => {
    const sums = new Map();
    for (const { u, sign, weight } of columns) {
      const key = sign + X.map((x) => (dot(u, x) > 1e-9 ? "+" : dot(u, x) < -1e-9 ? "-" : "0")).join("");
      const w = sums.get(key)?.w ?? [0, 0];
      sums.set(key, { sign, w: [w[0] + weight * u[0], w[1] + weight * u[1]] });
    }
    return [...sums.values()].map(({ sign, w }) => {
      const weight = Math.hypot(...w);
      return { u: w.map((c) => c / weight), sign, weight };
    });
  };

  // The regularised network: min (1/n) Σ ln(1 + exp(−½ y_i f(x_i))) + λ Σ weight. On an arc all units of
  // one sign make one vector w = b_1 e_1 + b_2 e_2, b ≥ 0, between the directions of its ends, so this is
  // a convex programme in b: minimise value(b) − μ Σ ln b by Newton's method, and let μ go to 0.
  const softplus = (z) => (z > 0 ? z + Math.log1p(Math.exp(-z)) : Math.log1p(Math.exp(z)));
  const sigmoid = (z) => (z > 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z)));
  const units = (X, y) => {
    const ends = corners(X);
    const split = ends.flatMap((from, k) => {
      const to = k + 1 < ends.length ? ends[k + 1] : ends[0] + 2 * Math.PI;
      return to - from > 2 ? [[from, (from + to) / 2], [(from + to) / 2, to]] : [[from, to]];
    });
    return split.flatMap(([from, to]) => {
      const E = [from, to].map((angle) => [Math.cos(angle), Math.sin(angle)]);
      const middle = [Math.cos((from + to) / 2), Math.sin((from + to) / 2)];
      const g = E.map((e) => X.map((x, i) => (dot(middle, x) > 0 ? (y[i] * dot(e, x)) / 2 : 0)));
      return [1, -1].map((sign) => ({ sign, E, g: g.map((row) => row.map((v) => sign * v)) }));
    }).filter(({ g }) => g.flat().some((v) => v > 0));
  };
  const regularised = (X, y, lam) => {
    const n = y.length, arcs = units(X, y), N = 2 * arcs.length;
    const g = arcs.flatMap((arc) => arc.g);
    const vector = (arc, k, b) => [0, 1].map((c) => b[2 * k] * arc.E[0][c] + b[2 * k + 1] * arc.E[1][c]);
    const half = (b) => X.map((_, i) => sum(b.map((v, j) => v * g[j][i])));
    const norm = (b) => sum(arcs.map((arc, k) => Math.hypot(...vector(arc, k, b))));
    const value = (b) => sum(half(b).map((s) => softplus(-s))) / n + lam * norm(b);
    let b = Array(N).fill(1 / N), mu = Math.LN2 / N;
    while (N && mu * N > 1e-8 * value(b)) {
      mu /= 8;
      const barrier = (c) => value(c) - mu * sum(c.map(Math.log));
      for (let step = 0; step < 30; step++) {
        const s = half(b);
        const q = s.map((v) => sigmoid(-v) / n), h = s.map((v) => Math.sqrt((sigmoid(-v) * sigmoid(v)) / n));
        // The Hessian is block + Σ_i h_i² g_i g_iᵀ with blocks of two: a system of n equations is left.
        const slope = b.map((v, j) => -inner(g[j], q) - mu / v);
        const blocks = arcs.map((arc, k) => {
          const w = vector(arc, k, b), length = Math.hypot(...w), u = w.map((e) => e / length);
          const across = arc.E.map((e) => e[1] * u[0] - e[0] * u[1]);
          arc.E.forEach((e, r) => { slope[2 * k + r] += lam * dot(e, u); });
          const [A, B, C] = [[0, 0], [0, 1], [1, 1]].map(([r, c]) =>
            (lam * across[r] * across[c]) / length + (r === c ? mu / b[2 * k + r] ** 2 : 0));
          const det = A * C - B * B;
          return [[C / det, -B / det], [-B / det, A / det]];
        });
        const unblock = (v) => v.map((_, j) => {
          const k = j >> 1;
          return blocks[k][j & 1][0] * v[2 * k] + blocks[k][j & 1][1] * v[2 * k + 1];
        });
        const G = X.map((_, i) => g.map((row) => h[i] * row[i])), BG = G.map(unblock);
        const first = unblock(slope);
        const part = solve(G.map((row, i) => BG.map((col, k) => inner(row, col) + (i === k ? 1 : 0))),
          G.map((row) => inner(row, first)));
        const move = first.map((v, j) => inner(BG.map((col) => col[j]), part) - v);
        const fall = -inner(move, slope);
        if (!(fall > 1e-3 * mu)) break;
        let t = Math.min(1, 0.95 / Math.max(...move.map((v, j) => -v / b[j]), 1e-300));
        const before = barrier(b);
        while (t > 1e-12 && !(barrier(b.map((v, j) => v + t * move[j])) < before - 0.1 * t * fall)) t /= 2;
        if (t <= 1e-12) break;
        b = b.map((v, j) => v + t * move[j]);
      }
    }
    const columns = arcs.map(({ sign, E }, k) => {
      const w = vector({ E }, k, b), weight = Math.hypot(...w);
      return { u: w.map((e) => e / weight), sign, weight };
    });
    const total = norm(b), least = 2 * Math.min(...half(b));
    return { lam, value: value(b), norm: total, margin: total > 1e-6 ? least / total : 0,
      columns: columns.filter((c) => c.weight > 1e-5 * total) };
  };

  // Gauss with pivots.
  const solve = (A, b) => {
    const T = A.map((row, i) => [...row, b[i]]), n = b.length;
    for (let j = 0; j < n; j++) {
      let r = j;
      for (let i = j + 1; i < n; i++) if (Math.abs(T[i][j]) > Math.abs(T[r][j])) r = i;
      [T[j], T[r]] = [T[r], T[j]];
      if (!T[j][j]) continue;
      for (let i = 0; i < n; i++) {
        const factor = i === j ? 0 : T[i][j] / T[j][j];
        if (factor) for (let c = j; c <= n; c++) T[i][c] -= factor * T[j][c];
      }
    }
    return T.map((row, j) => (row[j] ? row[n] / row[j] : 0));
  };

  return { svm, regularised, dual, scores, corners };
})();
