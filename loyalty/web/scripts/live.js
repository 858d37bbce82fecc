// Fresh figures while somebody looks: each element with data-live="5" gets the event
// "look" every five seconds, none while the page is hidden, one when it is shown again.
// hx-trigger="look" asks for them. Without this script the page is as it was loaded.

const look = (element) => element.dispatchEvent(new CustomEvent("look"));

for (const element of document.querySelectorAll("[data-live]")) {
  setInterval(() => {
    if (!document.hidden) look(element);
  }, Number(element.dataset.live) * 1000);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) look(element);
  });
}
