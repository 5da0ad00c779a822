// While the bank is being waited for, asks the same page again and shows what it says by then.
const FIRST_MS = 1000;
const LONGEST_MS = 15000;

async function look(after) {
  const place = document.querySelector("[data-thanks]");
  if (place.dataset.thanks !== "pending") return;
  await new Promise((resolve) => setTimeout(resolve, after));
  try {
    const answer = await fetch(location.href, { credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const news = page.querySelector("[data-thanks]");
    if (answer.ok && news && news.dataset.thanks !== place.dataset.thanks) {
      place.replaceChildren(...news.childNodes);
      place.dataset.thanks = news.dataset.thanks;
      document.title = page.title;
    }
  } catch {
    // Offline for a moment; the next look tells.
  }
  look(Math.min(after * 1.3, LONGEST_MS));
}

look(FIRST_MS);
