// Uploads that go on after a cut, by the tus protocol. Without this script the form sends the file in one piece.
"use strict";

(() => {
  const form = document.querySelector("form[data-upload]");
  if (!form || !window.tus || !tus.isSupported) {
    return;
  }
  const say = form.dataset;
  const language = document.documentElement.lang;
  const csrf = document.querySelector("meta[name=csrf]").content;
  const file = form.elements.file;
  const bar = form.querySelector("progress");
  const box = form.querySelector(".progress");
  const status = box.querySelector("[role=status]");
  const problem = form.querySelector("[role=alert]");
  const button = (name) => form.querySelector(`[data-do=${name}]`);
  let upload = null;
  let marks = [];

  const size = (bytes) => {
    const units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let unit = 0;
    while (bytes >= 1024 && unit < units.length - 1) {
      bytes /= 1024;
      unit++;
    }
    const digits = unit === 0 || bytes >= 100 ? 0 : bytes >= 10 ? 1 : 2;
    return new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(bytes) + "\u00a0" + units[unit];
  };
  const time = (seconds) => {
    const s = Math.max(1, Math.round(seconds));
    return s < 60 ? `${s} s` : s < 3600 ? `${Math.floor(s / 60)} min ${s % 60} s` : `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  };

  const show = (running) => {
    button("send").hidden = upload !== null;
    button("pause").hidden = !running;
    button("resume").hidden = upload === null || running;
    button("cancel").hidden = upload === null;
    box.hidden = upload === null;
    for (const field of form.querySelectorAll("input:not([type=hidden]), select")) {
      field.disabled = upload !== null;
    }
  };
  const fail = (message) => {
    problem.textContent = message;
    problem.hidden = message === "";
  };

  // The format by the file's name, until somebody chooses another.
  const format = form.elements.disk_format;
  const name = form.elements.name;
  let chosen = false;
  if (format) {
    format.addEventListener("change", () => { chosen = true; });
    file.addEventListener("change", () => {
      const ending = (file.files[0]?.name ?? "").split(".").pop().toLowerCase();
      const known = { img: "raw", vpc: "vhd" }[ending] ?? ending;
      if (!chosen && [...format.options].some((option) => option.value === known)) {
        format.value = known;
      }
    });
  }

  const progress = (sent, total) => {
    const now = performance.now();
    marks.push([now, sent]);
    marks = marks.filter(([at]) => now - at < 6000);
    bar.value = total === 0 ? 1000 : Math.floor((sent / total) * 1000);
    const [from, before] = marks[0];
    const speed = now - from > 300 ? ((sent - before) * 1000) / (now - from) : 0;
    const parts = [`${size(sent)} / ${size(total)}`];
    if (speed > 0) {
      parts.push(`${size(speed)}/s`, `${time((total - sent) / speed)} ${say.left}`);
    }
    status.textContent = parts.join(" · ");
  };

  const start = async () => {
    const picked = file.files[0];
    const metadata = { filename: picked.name, image: form.elements.image.value };
    if (format) {
      Object.assign(metadata, {
        name: name.value.trim() || picked.name,
        disk_format: format.value,
        visibility: form.elements.visibility.value,
        tags: form.elements.tags.value,
      });
    }
    upload = new tus.Upload(picked, {
      endpoint: say.upload,
      chunkSize: Number(say.part),
      retryDelays: [0, 1000, 3000, 5000, 10000, 20000, 30000, 30000, 60000, 60000],
      removeFingerprintOnSuccess: true,
      headers: { "X-CSRF-Token": csrf },
      metadata,
      onProgress: progress,
      onShouldRetry: (error) => {
        const code = error.originalResponse ? error.originalResponse.getStatus() : 0;
        const again = code === 0 || code === 409 || code === 423 || code >= 500;
        if (again) {
          marks = [];
          status.textContent = say.waiting;
        }
        return again;
      },
      onError: (error) => {
        const answer = error.originalResponse;
        const code = answer ? answer.getStatus() : 0;
        fail(code === 401 || code === 403 ? say.ended : code === 0 ? say.waiting : answer.getBody() || String(code));
        if (code >= 400 && code < 500) {
          upload = null;
        }
        show(false);
      },
      onSuccess: () => {
        status.textContent = say.done;
        window.removeEventListener("beforeunload", warn);
        location.assign(say.image + upload.url.split("/").pop());
      },
    });
    show(true);
    fail("");
    marks = [];
    // One that stopped: known to this browser, and still known to the server.
    const known = new Set([...document.querySelectorAll("[data-unfinished]")].map((each) => each.dataset.unfinished));
    const previous = (await upload.findPreviousUploads()).filter((each) => known.has((each.uploadUrl ?? "").split("/").pop()));
    const twin = [...document.querySelectorAll("[data-unfinished]")].find(
      (each) => each.dataset.file === picked.name && Number(each.dataset.length) === picked.size);
    if (previous.length > 0) {
      upload.resumeFromPreviousUpload(previous[0]);
      status.textContent = say.resumed;
    } else if (twin) { // begun in another browser
      upload.url = `${say.upload}/${twin.dataset.unfinished}`;
      status.textContent = say.resumed;
    }
    window.addEventListener("beforeunload", warn);
    upload.start();
  };
  const warn = (event) => event.preventDefault();

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (upload === null) {
      start();
    }
  });
  button("pause").addEventListener("click", () => {
    upload.abort();
    status.textContent = say.stopped;
    show(false);
  });
  button("resume").addEventListener("click", () => {
    fail("");
    marks = [];
    upload.start();
    show(true);
  });
  button("cancel").addEventListener("click", async () => {
    const ended = upload;
    upload = null;
    try {
      await ended.abort(true);
    } catch {
      // it expires by itself
    }
    window.removeEventListener("beforeunload", warn);
    location.reload();
  });
})();
