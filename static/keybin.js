// Small things that make the pages nicer. Every page works without them.
"use strict";

// Times in the reader's own way of writing them; the exact time stays where the pointer rests.
for (const time of document.querySelectorAll("time[datetime]")) {
  const when = new Date(time.dateTime);
  if (!Number.isNaN(when.getTime())) {
    time.textContent = when.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
  }
}

// What expires counts down, by the clock of the server: it said how long it is when it made the page.
const loaded = performance.now();
const countdowns = [...document.querySelectorAll("[data-countdown]")].map((element) => {
  const units = { d: 86400, h: 3600, min: 60, s: 1 };
  let seconds = 0;
  for (const [, number, unit] of element.textContent.matchAll(/(\d+) (d|h|min|s)\b/g)) {
    seconds += number * units[unit];
  }
  return { element, seconds };
});

function remaining(seconds) {
  const [d, h, min] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  if (d) return `in ${d} d ${h} h`;
  if (h) return `in ${h} h ${min} min`;
  if (min) return `in ${min} min ${seconds % 60} s`;
  return `in ${seconds} s`;
}

function countDown() {
  const gone = Math.floor((performance.now() - loaded) / 1000);
  for (const { element, seconds } of countdowns) {
    element.textContent = gone < seconds ? remaining(seconds - gone) : "expired";
  }
}

if (countdowns.length > 0) {
  setInterval(countDown, 1000);
}

// The rule for passwords, told while one types.
for (const field of document.querySelectorAll("[data-rule]")) {
  const rule = document.getElementById(field.dataset.rule);
  const name = field.form.elements.namedItem("username");
  const checks = {
    length: (text) => [...text].length >= 8,
    name: (text) => text !== name?.value,
    bytes: (text) => new TextEncoder().encode(text).length <= 72,
  };
  field.addEventListener("input", () => {
    for (const item of rule.querySelectorAll("[data-check]")) {
      const met = field.value !== "" && checks[item.dataset.check](field.value);
      item.classList.toggle("met", met);
      item.classList.toggle("unmet", field.value !== "" && !met);
    }
  });
}

// JSON is checked while one types.
for (const area of document.querySelectorAll("[data-check-json]")) {
  const form = area.form;
  const result = form.querySelector("[data-json-result]");
  const check = () => {
    let said = "";
    let good = true;
    if (form.elements.namedItem("spelling").value === "json" && area.value.trim() !== "") {
      try {
        JSON.parse(area.value);
        said = "This is valid JSON.";
      } catch (error) {
        good = false;
        said = `Not JSON yet: ${error.message}`;
      }
    }
    result.textContent = said;
    result.classList.toggle("good", good && said !== "");
    result.classList.toggle("bad", !good);
  };
  form.addEventListener("input", check);
  check();
}

// Copying.
for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  const said = document.querySelector("[data-copied]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      said.textContent = "Copied.";
    } catch {
      said.textContent = document.execCommand("copy") ? "Copied." : "Select the text and copy it by hand.";
    }
  });
}

// All rows of a table can be selected at once.
for (const head of document.querySelectorAll("th.pick")) {
  const boxes = [...head.closest("table").querySelectorAll("td.pick input")];
  const all = document.createElement("input");
  all.type = "checkbox";
  all.setAttribute("aria-label", "Select all");
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
  });
  head.replaceChildren(all);
}

// An import shows how far it has come: the server reads the file as it comes, and takes it in as it reads.
for (const form of document.querySelectorAll("[data-import]")) {
  const bar = form.querySelector("progress");
  const result = form.querySelector("[data-import-result]");
  const say = (text, lines = []) => {
    const said = document.createElement("p");
    said.textContent = text;
    const list = document.createElement("ul");
    for (const { line, reason } of lines) {
      const item = document.createElement("li");
      item.textContent = `Line ${line}: ${reason}`;
      list.append(item);
    }
    result.replaceChildren(said, ...(lines.length > 0 ? [list] : []));
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      bar.value = (100 * loaded) / Math.max(total, 1);
    });
    request.addEventListener("loadend", () => {
      bar.hidden = true;
      button.disabled = false;
      const isAnswer = (request.getResponseHeader("Content-Type") ?? "").startsWith("application/json");
      if (request.status === 200 && isAnswer) {
        const { summary, failed } = JSON.parse(request.responseText);
        say(summary, failed);
        form.reset();
      } else if (request.status === 200) {
        location.assign("/account");
      } else {
        say("The import did not work. What was taken in before stays; try again to take in the rest.");
      }
    });
    say("Importing…");
    bar.value = 0;
    bar.hidden = false;
    button.disabled = true;
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.send(new FormData(form));
  });
}
