// Remembers, for a month and in this browser alone, through which article a reader first came; not of
// who asks not to be followed. It is sent with a gift, and with nothing else.
const KEPT = "hromada-first";
const LASTS = 30 * 24 * 3600 * 1000;
const here = document.querySelector("[name=source]");
const first = document.querySelector("[name=first_source]");

function known() {
  const { article, until } = JSON.parse(localStorage.getItem(KEPT) ?? "{}");
  return until > Date.now() ? article : "";
}

if (!navigator.globalPrivacyControl && navigator.doNotTrack !== "1") {
  try {
    const article = known() || here.value;
    if (article && !known()) localStorage.setItem(KEPT, JSON.stringify({ article, until: Date.now() + LASTS }));
    first.value ||= article;
  } catch {
    // A browser may keep nothing at all; then the article before the gift is the first we know.
  }
}
