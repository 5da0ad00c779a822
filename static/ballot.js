// Counts the ticks while they are made.
const place = document.querySelector("[data-count]");

if (place) {
  const boxes = [...document.querySelectorAll("input[name=approvals]")];
  const say = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    place.textContent = place.dataset.count
      .replace("{n}", ticked)
      .replace("{all}", boxes.length);
  };
  document.querySelector("form.paper").addEventListener("change", say);
  say();
}
