
// Keeps ticks and notes in this browser, marks finished steps in the contents, and adds buttons that copy a statement.
(() => {
  const key = "sidestep-runbook-" + document.body.dataset.plan;
  let kept = {};
  try { kept = JSON.parse(localStorage.getItem(key)) || {}; } catch { /* private window: nothing is kept */ }
  const links = new Map([...document.querySelectorAll("nav a")].map((a) => [a.hash.slice(1) + "-done", a]));
  const mark = (box) => links.get(box.id)?.classList.toggle("is-done", box.checked);
  for (const input of document.querySelectorAll("input[id]")) {
    const box = input.type === "checkbox";
    if (input.id in kept) { if (box) input.checked = kept[input.id] === true; else input.value = String(kept[input.id]); }
    mark(input);
    input.addEventListener("input", () => {
      kept[input.id] = box ? input.checked : input.value;
      mark(input);
      try { localStorage.setItem(key, JSON.stringify(kept)); } catch { /* nothing is kept */ }
    });
  }
  if (!navigator.clipboard) return;
  for (const block of document.querySelectorAll(".sql")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(block.querySelector("code").textContent).then(
        () => { button.textContent = "Copied"; },
        () => { button.textContent = "Not copied"; });
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
    block.append(button);
  }
})();
