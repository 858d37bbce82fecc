// Subscribes this browser to notifications, or ends that. Without script, or where the
// browser can't do it, the page says so and the other ways stay.

const subscribing = document.querySelector("[data-subscribe]");
const worker = "/wallet/ways/worker.js";

const keyOf = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

const subscription = async (form) => {
  // The demo has a push service of its own, for a machine without the internet.
  if (form.dataset.demo) return form.dataset.demo;
  if ((await Notification.requestPermission()) !== "granted") return null;
  await navigator.serviceWorker.register(worker);
  const ready = await navigator.serviceWorker.getRegistration(worker);
  const made = await ready.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: keyOf(form.dataset.key),
  });
  return JSON.stringify(made);
};

if (subscribing) {
  const able = subscribing.dataset.demo || ("serviceWorker" in navigator && "PushManager" in window);
  subscribing.querySelector("button").disabled = !able;
  document.querySelector("[data-unable]").hidden = Boolean(able);
  subscribing.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const made = await subscription(subscribing);
      if (made) {
        subscribing.elements.subscription.value = made;
        subscribing.submit();
        return;
      }
    } catch {
      // Told below: the browser or its push service refused.
    }
    document.querySelector("[data-refused]").hidden = false;
  });
}

const ending = document.querySelector("[data-unsubscribe]");
ending?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const ready = await navigator.serviceWorker?.getRegistration(worker);
  const made = await ready?.pushManager.getSubscription();
  await made?.unsubscribe().catch(() => false);
  ending.submit();
});
