// Pictures of machines' screens, looked at again while somebody looks: <img data-picture>.
"use strict";

(() => {
  const every = 5000;

  const again = () => {
    if (!document.hidden) {
      for (const shown of document.querySelectorAll("img[data-picture]")) {
        const next = new Image();
        next.onload = () => { shown.src = next.src; };
        next.src = `${shown.src.replace(/\?.*/, "")}?at=${Date.now()}`;
      }
    }
    setTimeout(again, every);
  };
  setTimeout(again, every);

  // One that cannot be had is not shown as broken. Events of pictures do not bubble.
  const missing = (event) => {
    if (event.target.matches?.("img[data-picture]")) {
      event.target.closest(".screen").classList.toggle("is-off", event.type === "error");
    }
  };
  document.addEventListener("error", missing, true);
  document.addEventListener("load", missing, true);
})();
