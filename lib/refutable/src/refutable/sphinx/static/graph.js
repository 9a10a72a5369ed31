// The dependency graph: a node that is pointed at, or reached by keyboard, traces what it rests on and
// what rests on it. The drawing zooms by its buttons and by + − 0; it pans by scrolling and dragging.
const LARGEST = 4;

for (const figure of document.querySelectorAll("figure.graph")) {
  trace(figure.querySelector("svg"));
  zoom(figure, figure.querySelector(".graph-scroll"), figure.querySelector("svg"));
}

function trace(svg) {
  const edges = [...svg.querySelectorAll("path")];
  const follow = (item, from, to) => {
    for (const edge of edges.filter((edge) => edge.dataset[from] === item)) {
      edge.classList.add("traced");
      follow(edge.dataset[to], from, to);
    }
  };
  const show = (event) => {
    hide();
    const node = event.target.closest("a");
    if (!node) return;
    svg.classList.add("tracing");
    follow(node.dataset.item, "to", "from");
    follow(node.dataset.item, "from", "to");
  };
  const hide = () => {
    svg.classList.remove("tracing");
    edges.forEach((edge) => edge.classList.remove("traced"));
  };
  svg.addEventListener("pointerover", show);
  svg.addEventListener("focusin", show);
  svg.addEventListener("pointerleave", hide);
  svg.addEventListener("focusout", hide);
}

function zoom(figure, frame, svg) {
  figure.querySelector(".graph-zoom").hidden = false;
  let scale = 1;
  const natural = svg.getBoundingClientRect().width;
  const smallest = Math.min(1, frame.clientWidth / natural); // the whole width at once
  const to = (wanted) => {
    const next = Math.min(LARGEST, Math.max(smallest, wanted));
    const { clientWidth: w, clientHeight: h, scrollLeft: x, scrollTop: y } = frame;
    const grown = next / scale;
    scale = next;
    svg.style.minWidth = svg.style.width = `${natural * scale}px`;
    frame.scrollLeft = (x + w / 2) * grown - w / 2; // the middle stays in the middle
    frame.scrollTop = (y + h / 2) * grown - h / 2;
  };
  const steps = { "+": () => to(scale * 1.25), "=": () => to(scale * 1.25), "-": () => to(scale / 1.25), 0: () => to(1) };
  for (const button of figure.querySelectorAll("button[data-zoom]")) {
    button.addEventListener("click", steps[button.dataset.zoom]);
  }
  frame.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || !steps[event.key]) return;
    event.preventDefault();
    steps[event.key]();
  });

  let held = null; // where a drag was last; touch screens pan by themselves
  frame.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "mouse" && !event.target.closest("a")) held = event;
  });
  window.addEventListener("pointermove", (event) => {
    if (!held) return;
    frame.scrollBy(held.clientX - event.clientX, held.clientY - event.clientY);
    held = event;
  });
  window.addEventListener("pointerup", () => (held = null));
}
