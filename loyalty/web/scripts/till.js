// The till's keys. An element says which key presses it: data-key="F2". Everything
// works without this script, by Tab and Enter.

const typed = () => document.querySelector("[data-entry]");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (event.key === "Escape" && document.querySelector(":popover-open")) return;
  const entry = typed();
  if (event.key === "Escape" && entry && entry.value) {
    entry.value = "";
    entry.dispatchEvent(new Event("input", { bubbles: true }));
    entry.focus();
    event.preventDefault();
    return;
  }
  const target = document.querySelector(`[data-key="${event.key}"]`);
  if (!target) return;
  event.preventDefault();
  if (target.matches("input:not([type=checkbox], [type=radio])")) target.focus();
  else target.click();
});

// The field is emptied as soon as its text is on its way, so that a scanner may
// send the next number while the first is still being priced.
document.addEventListener("htmx:config:request", (event) => {
  const form = event.target;
  if (form.matches?.("form[data-clear]")) form.querySelector("[data-entry]").value = "";
});

document.addEventListener("htmx:after:swap", () => {
  if (document.activeElement === document.body) typed()?.focus();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
