// A double click sends a form once.
const WAIT = 4000; // milliseconds, after which a second click is meant

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.submitter?.formTarget) return; // the answer opens beside this page, which stays
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, WAIT);
});

// The back button may bring a page back as it was left.
addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
});
