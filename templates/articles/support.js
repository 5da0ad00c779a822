// Puts the support box where this script stands, and tells it which article that is.
const script = document.currentScript;
const frame = document.createElement("iframe");
frame.src = {{ (site ~ "/embed/support?from=")|tojson }} + encodeURIComponent(location.pathname);
frame.title = script.dataset.title || "Support";
frame.width = "100%";
frame.height = script.dataset.height || "260";
frame.setAttribute("frameborder", "0");
script.after(frame);
