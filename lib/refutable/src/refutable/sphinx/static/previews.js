// Pointing at a link to a statement or to the glossary, or reaching it by keyboard, shows the text.
{
  const root = new URL(document.documentElement.dataset.content_root || "./", location.href).href;
  const key = (link) => {
    const url = new URL(link.href);
    return decodeURI(url.origin + url.pathname).replace(decodeURI(new URL(root).origin + new URL(root).pathname), "") + decodeURI(url.hash);
  };
  const card = Object.assign(document.createElement("div"), { className: "preview", id: "preview", hidden: true });
  card.setAttribute("role", "tooltip");
  let waiting, shown;

  const hide = () => {
    clearTimeout(waiting);
    card.hidden = true;
    shown?.removeAttribute("aria-describedby");
    shown = undefined;
  };
  const place = (link) => {
    const at = link.getClientRects()[0] ?? link.getBoundingClientRect();
    const left = Math.max(8, Math.min(at.left, document.documentElement.clientWidth - card.offsetWidth - 8));
    const below = at.bottom + card.offsetHeight + 12 < innerHeight;
    card.style.left = `${left + scrollX}px`;
    card.style.top = `${(below ? at.bottom + 6 : at.top - card.offsetHeight - 6) + scrollY}px`;
  };
  const show = async (link, text) => {
    hide();
    shown = link;
    if (!link.querySelector("mjx-container")) link.removeAttribute("title");
    card.innerHTML = text;
    card.querySelectorAll("[id]").forEach((e) => e.removeAttribute("id"));
    card.hidden = false;
    link.setAttribute("aria-describedby", "preview");
    place(link);
    await window.MathJax?.typesetPromise?.([card]);
    if (shown === link) place(link);
  };
  const start = (event) => {
    const link = event.target.closest?.("main a[href]");
    if (!link || event.pointerType === "touch" || link === shown || link.closest(".graph")) return;
    const text = window.previewTexts?.[key(link)];
    if (!text || link.closest(".statement")?.id === link.hash.slice(1)) return;
    clearTimeout(waiting);
    waiting = setTimeout(show, event.type === "focusin" ? 0 : 250, link, text);
  };
  const end = (event) => {
    if (!card.contains(event.relatedTarget) && !shown?.contains(event.relatedTarget)) hide();
  };
  document.body.append(card);
  document.addEventListener("pointerover", start);
  document.addEventListener("focusin", start);
  document.addEventListener("pointerout", end);
  document.addEventListener("focusout", end);
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
}
