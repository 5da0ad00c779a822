// Says the own amount on the button, as soon as there is one.
const form = document.querySelector("[data-giving]");
const own = form.querySelector("#own_amount");
const format = new Intl.NumberFormat(document.documentElement.lang, {
  style: "currency",
  currencyDisplay: "narrowSymbol",
  currency: own.dataset.currency,
  trailingZeroDisplay: "stripIfInteger",
});
const code = own.dataset.currency.toLowerCase();
const sign = format.formatToParts(0).find((part) => part.type === "currency").value.toLowerCase();
const asWritten = new Map(
  [...form.querySelectorAll("[data-own]")].map((span) => [span, span.textContent]),
);

function sayOwnAmount() {
  const bare = own.value.toLowerCase().replace(sign, "").replace(code, "").replace(/\s/g, "");
  const amount = Number(bare.replace(",", "."));
  for (const [span, text] of asWritten) {
    span.textContent = amount > 0 ? span.dataset.own.replace("{}", format.format(amount)) : text;
  }
}

// An amount that an article's link brought, and that is one of ours, is that one.
const interval = form.querySelector("[name=interval]:checked")?.value;
const tile = [...form.querySelectorAll(`[name=amount_${interval}]`)].find((one) => one.dataset.plain === own.value);
if (tile) tile.checked = true;

own.addEventListener("input", sayOwnAmount);
form.addEventListener("change", (event) => {
  if (event.target.value === "own") own.focus();
});
sayOwnAmount();
