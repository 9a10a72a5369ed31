// Pointing at a node of the dependency graph, or reaching it by keyboard, traces what it rests on and
// what rests on it.
for (const svg of document.querySelectorAll(".graph svg")) {
  const edges = [...svg.querySelectorAll("path")];
  const trace = (item, from, to) => {
    for (const edge of edges.filter((edge) => edge.dataset[from] === item)) {
      edge.classList.add("traced");
      trace(edge.dataset[to], from, to);
    }
  };
  const show = (event) => {
    hide();
    const node = event.target.closest("a");
    if (!node) return;
    svg.classList.add("tracing");
    trace(node.dataset.item, "to", "from");
    trace(node.dataset.item, "from", "to");
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
