// Small comforts. Every page works without them.
"use strict";

(() => {
  const csrf = document.querySelector("meta[name=csrf]").content;

  // Moments in the reader's own time zone.
  const localise = (root) => {
    const format = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
    for (const time of root.querySelectorAll("time[datetime]")) {
      time.title = time.dateTime;
      time.textContent = format.format(new Date(time.dateTime));
    }
  };
  localise(document);
  document.addEventListener("htmx:afterSwap", (event) => localise(event.target));

  // Requests of htmx carry the token of forms.
  document.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["X-CSRF-Token"] = csrf;
  });

  // A form whose choices take effect at once: <form data-live>. Its button is for those without scripts.
  for (const form of document.querySelectorAll("form[data-live]")) {
    form.classList.add("is-live");
    form.addEventListener("change", () => form.requestSubmit());
  }

  // What does nothing without scripts is shown with them: <button class="script" data-print>
  document.documentElement.classList.add("scripted");
  document.addEventListener("click", (event) => {
    if (event.target.closest("button[data-print]")) {
      window.print();
    }
  });

  // <button data-copy="text">
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-copy]");
    if (button) {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.classList.add("is-done");
      setTimeout(() => button.classList.remove("is-done"), 1500);
    }
    // An open menu closes when something else is clicked.
    for (const open of document.querySelectorAll("details.who[open]")) {
      if (!open.contains(event.target)) {
        open.open = false;
      }
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      for (const open of document.querySelectorAll("details.who[open]")) {
        open.open = false;
        open.querySelector("summary").focus();
      }
    }
    const typing = event.target.closest("input, textarea, select");
    const search = document.querySelector("input[type=search]");
    if (event.key === "/" && !typing && search) {
      event.preventDefault();
      search.focus();
    }
  });
})();
