// Up to a dozen points that one drags, adds and flips; margin.js solves the ℓ1-SVM and the regularised
// network at once, and both pictures follow. <figure class="svm-explorer"></figure> becomes one.
const Explorer = (() => {
  const MOST = 12, WIDTH = 360, HEIGHT = 260, EDGE = 14, REACH = 1.4;
  const START = [[-0.9, 1], [-0.55, -1], [-0.2, 1], [0.15, 1], [0.5, -1], [0.85, 1]];
  const SHAPES = { 1: "M0-7 7 6-7 6Z", "-1": "M0 7 7-6-7-6Z" };
  const svg = (name, attributes = {}, text = "") => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.textContent = text;
    return node;
  };
  const clamp = (value, most) => Math.max(-most, Math.min(most, value));
  const digits = (value) => value.toPrecision(6);

  // One figure; `points` are {at: [x, y], label}, and on the line only x is used.
  function start(figure) {
    let plane = false, lam = 0, waiting = false, held = -1;
    let points = START.map(([x, label], k) => ({ at: [x, Math.sin(3 * k + 1)], label }));
    figure.innerHTML = `<div class="svm-tools">
      <label><input type="checkbox" name="plane"> in the plane</label>
      <button type="button" name="add">Add a point</button>
      <button type="button" name="random">New labels</button>
      <label>λ = <output>0</output> <input type="range" name="lam" min="0" max="36" value="36"
        aria-label="strength of the regulariser" aria-valuetext="0, the maximum margin"></label></div>
      <div class="svm-panels"></div>
      <figcaption aria-live="polite"></figcaption>
      <p class="svm-help">Drag a point; Enter flips the label of the point in focus, arrow keys move it, Delete removes it.</p>`;
    const [left, right] = ["The points and the function", "The dual function on the circle"].map((label) => {
      const panel = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "group", "aria-label": label });
      figure.querySelector(".svm-panels").append(panel);
      return panel;
    });
    const drawing = svg("g"), handles = svg("g");
    left.append(drawing, handles);

    const data = () => [points.map(({ at }) => (plane ? at : [at[0], 1])), points.map(({ label }) => label)];
    const across = (x) => EDGE + ((x + REACH) / (2 * REACH)) * (WIDTH - 2 * EDGE);
    const unit = (WIDTH - 2 * EDGE) / (2 * REACH);
    // on the line the margin has a fixed height, so that the points stay where they are
    const place = ({ at, label }) => (plane ? [across(at[0]), HEIGHT / 2 - unit * at[1]] : [across(at[0]), HEIGHT / 2 - 60 * label]);

    function show() {
      waiting = false;
      const [X, y] = data();
      const best = Margin.svm(X, y);
      const gamma = best.lower > 1e-12 * best.upper && best.lower > 1e-14 ? best.lower : 0;
      const found = lam ? Margin.regularised(X, y, lam) : undefined;
      drawing.replaceChildren(...(plane ? cones(best, found) : graphs(X, y, best, found, gamma)));
      settle(best.p);
      right.replaceChildren(...circle(X, y, best));
      caption(best, found, gamma);
    }

    // f of norm one on the line, at margins ±γ; dashed the regularised network
    function graphs(X, y, best, found, gamma) {
      const scale = 60 / (gamma || 0.1);
      const line = (columns, norm, kind) => {
        const grid = Array.from({ length: 281 }, (_, k) => -REACH + (k * REACH) / 140);
        const f = Margin.scores(columns, columns.map((c) => c.weight / norm), grid.map((x) => [x, 1]));
        const path = grid.map((x, k) => `${across(x).toFixed(1)} ${clamp(HEIGHT / 2 - scale * f[k], 2000).toFixed(1)}`);
        return svg("path", { d: `M${path.join("L")}`, class: kind });
      };
      const kinks = best.columns.filter(({ u }) => Math.abs(u[0]) * REACH > Math.abs(u[1])).map(({ u }) =>
        svg("line", { x1: across(-u[1] / u[0]), x2: across(-u[1] / u[0]), y1: HEIGHT - EDGE, y2: HEIGHT, class: "kink" }));
      return [
        ...[-60, 0, 60].map((h) => svg("line", { x1: 0, x2: WIDTH, y1: HEIGHT / 2 - h, y2: HEIGHT / 2 - h, class: h ? "margin" : "axis" })),
        svg("text", { x: 4, y: HEIGHT / 2 - 64 }, "γ"), svg("text", { x: 4, y: HEIGHT / 2 + 74 }, "−γ"),
        ...kinks,
        ...(found?.norm > 1e-6 ? [line(found.columns, found.norm, "regularised")] : []),
        ...(gamma ? [line(best.columns, 1, "function")] : []),
      ];
    }

    // Without a bias the sign of f depends on the direction alone: cones; the neurons are rays.
    function cones(best, found) {
      const centre = [across(0), HEIGHT / 2], far = 2 * WIDTH;
      const out = ([x, y], r) => [centre[0] + r * x, centre[1] - r * y];
      const sign = (columns, angle) =>
        Math.sign(Margin.scores(columns, columns.map((c) => c.weight), [[Math.cos(angle), Math.sin(angle)]])[0]);
      const wedges = Array.from({ length: 180 }, (_, k) => {
        const [a, b] = [k, k + 1.02].map((j) => (j * Math.PI) / 90);
        const s = best.lower > 1e-14 ? sign(best.columns, (a + b) / 2) : 0;
        const ends = [a, b].map((t) => out([Math.cos(t), Math.sin(t)], far).map((c) => c.toFixed(1)).join(" "));
        return svg("path", { d: `M${centre.join(" ")}L${ends.join("L")}Z`, class: s > 0 ? "wedge plus" : s < 0 ? "wedge minus" : "none" });
      });
      const rays = (columns, total, kind) => columns.map(({ u, sign: s, weight }) => {
        const [x2, y2] = out(u, 30 + (90 * weight) / total);
        return svg("line", { x1: centre[0], y1: centre[1], x2, y2, class: `${kind} ${s > 0 ? "plus" : "minus"}` });
      });
      return [...wedges, ...rays(best.columns, 1, "ray"), ...(found ? rays(found.columns, found.norm, "ray regularised") : [])];
    }

    // |Σ p_i y_i relu(u·x_i)| over the angle of u, below γ, which it touches where the neurons are
    function circle(X, y, best) {
      const w = best.p.map((p, i) => p * y[i]), top = best.upper || 1;
      const high = (value) => HEIGHT - 36 - ((HEIGHT - 76) * value) / top;
      const wide = (angle) => EDGE + 20 + ((WIDTH - 2 * EDGE - 20) * angle) / (2 * Math.PI);
      const angles = Array.from({ length: 721 }, (_, k) => (k * Math.PI) / 360);
      const curve = angles.map((t) => `${wide(t).toFixed(1)} ${high(Math.abs(Margin.dual([Math.cos(t), Math.sin(t)], X, w))).toFixed(1)}`);
      const contacts = best.lower > 1e-14 ? best.columns.map(({ u, sign, weight }) => {
        const angle = (Math.atan2(u[1], u[0]) + 2 * Math.PI) % (2 * Math.PI);
        return svg("circle", { cx: wide(angle), cy: high(top), r: 3 + 7 * Math.sqrt(weight), class: sign > 0 ? "plus" : "minus" });
      }) : [];
      return [
        svg("line", { x1: wide(0), x2: wide(2 * Math.PI), y1: high(0), y2: high(0), class: "axis" }),
        svg("line", { x1: wide(0), x2: wide(2 * Math.PI), y1: high(top), y2: high(top), class: "margin" }),
        ...[0, 1, 2, 3, 4].map((k) => svg("text", { x: wide((k * Math.PI) / 2) - 10, y: HEIGHT - 20 }, `${90 * k}°`)),
        svg("text", { x: WIDTH / 2 - 60, y: HEIGHT - 4 }, "direction u of a neuron"),
        svg("text", { x: EDGE, y: high(top) - 18 }, "|Σ pᵢyᵢ relu(u·xᵢ)| ≤ γ"),
        svg("path", { d: `M${curve.join("L")}`, class: "function" }), ...contacts,
      ];
    }

    function caption(best, found, gamma) {
      const neurons = `${best.columns.length} neuron${best.columns.length > 1 ? "s" : ""}`;
      const sentence = gamma
        ? `The network of ${neurons} shows γ ≥ ${digits(best.lower)}, the weights of the points (the larger, the heavier) show γ ≤ ${digits(best.upper)}.`
        : "No such network separates these points.";
      const share = found && gamma ? ` At λ = ${lam.toExponential(0)} the regularised network (dashed) has ${((100 * found.margin) / gamma).toFixed(1)} % of this margin.` : "";
      figure.querySelector("figcaption").textContent = sentence + share;
    }

    // The handles of the points; `p` is the weight of each in the dual.
    function settle(p) {
      points.forEach((point, k) => {
        const [x, y] = place(point), handle = handles.children[k];
        handle.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
        handle.setAttribute("class", `point ${point.label > 0 ? "plus" : "minus"}`);
        handle.firstChild.setAttribute("d", SHAPES[point.label]);
        handle.firstChild.setAttribute("transform", `scale(${(0.75 + 0.75 * Math.sqrt(p[k])).toFixed(2)})`);
        const where = (plane ? point.at : point.at.slice(0, 1)).map((v) => v.toFixed(2)).join(", ");
        handle.setAttribute("aria-label", `point ${k + 1} at ${where}, label ${point.label > 0 ? "plus" : "minus"} one`);
      });
    }

    function arrange() {
      handles.replaceChildren(...points.map((_, k) => {
        const handle = svg("g", { tabindex: 0, role: "button" });
        handle.append(svg("path"));
        handle.append(svg("circle", { r: 16, class: "touch" }));
        handle.addEventListener("pointerdown", (event) => {
          held = k;
          handle.setPointerCapture(event.pointerId);
          handle.focus({ preventScroll: true });
          event.preventDefault();
        });
        handle.addEventListener("pointermove", (event) => held === k && move(k, locate(event)));
        handle.addEventListener("pointerup", () => { held = -1; });
        handle.addEventListener("dblclick", () => flip(k));
        handle.addEventListener("keydown", (event) => press(event, k));
        return handle;
      }));
      figure.querySelector("[name=add]").disabled = points.length >= MOST;
      later();
    }

    function locate(event) {
      const box = left.getBoundingClientRect();
      const x = ((event.clientX - box.left) / box.width) * WIDTH, y = ((event.clientY - box.top) / box.height) * HEIGHT;
      return { at: [(x - across(0)) / unit, (HEIGHT / 2 - y) / unit], label: y < HEIGHT / 2 ? 1 : -1 };
    }

    // on the line, dragging a point across the axis flips its label
    function move(k, { at, label }) {
      const most = [REACH - 0.05, plane ? (HEIGHT / 2 - EDGE) / unit : Infinity];
      points[k] = { at: plane ? at.map((v, i) => clamp(v, most[i])) : [clamp(at[0], most[0]), points[k].at[1]], label: plane ? points[k].label : label };
      later();
    }

    function flip(k) {
      points[k].label *= -1;
      later();
    }

    function press(event, k) {
      const step = event.shiftKey ? 0.1 : 0.02, { at, label } = points[k];
      const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
      if (moves[event.key]) move(k, { at: at.map((v, i) => v + moves[event.key][i]), label });
      else if (event.key === "Enter" || event.key === " ") flip(k);
      else if ((event.key === "Delete" || event.key === "Backspace") && points.length > 1) {
        points.splice(k, 1);
        arrange();
        handles.children[Math.min(k, points.length - 1)].focus();
      } else return;
      event.preventDefault();
    }

    function later() {
      if (!waiting) requestAnimationFrame(show);
      waiting = true;
    }

    figure.addEventListener("click", ({ target }) => {
      if (target.name === "add") points.push({ at: [2 * Math.random() - 1, 1.6 * Math.random() - 0.8], label: Math.random() < 0.5 ? 1 : -1 });
      else if (target.name === "random") points.forEach((point) => { point.label = Math.random() < 0.5 ? 1 : -1; });
      else return;
      arrange();
    });
    figure.addEventListener("input", ({ target }) => {
      if (target.name === "plane") plane = target.checked;
      else {
        lam = target.value === target.max ? 0 : 10 ** (-target.value / 4);
        const text = lam ? lam.toExponential(1) : "0";
        figure.querySelector("output").value = text;
        target.ariaValueText = lam ? text : "0, the maximum margin";
      }
      later();
    });
    arrange();
    return { set: (list) => { points = list; arrange(); } };
  }

  return { start };
})();
for (const figure of document.querySelectorAll("figure.svm-explorer")) Explorer.start(figure);
