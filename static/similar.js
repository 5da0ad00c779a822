// Shows topics that look like the one being proposed, while its title is typed.
const PAUSE_MS = 400;
const place = document.querySelector("[data-similar]");

if (place) {
  const title = document.querySelector("#title");
  const seen = document.querySelector("#seen");
  let timer;
  let asked = 0;

  async function look() {
    const mine = ++asked;
    try {
      const address = `${place.dataset.similar}?q=${encodeURIComponent(title.value)}`;
      const answer = await fetch(address, { credentials: "same-origin" });
      if (!answer.ok || mine !== asked) return;
      const piece = new DOMParser().parseFromString(await answer.text(), "text/html");
      place.replaceChildren(...piece.body.childNodes);
      if (place.querySelector("li")) seen.value = "yes";
    } catch {
      // Offline for a moment; the server shows them when the form is sent.
    }
  }

  title.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE_MS);
  });
}
