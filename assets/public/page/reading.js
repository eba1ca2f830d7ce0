(() => {
  "use strict";
  const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const score = (text) => (Number(text) / 1000).toFixed(3);
  for (const plot of document.querySelectorAll(".plot[data-first]")) {
    const first = Date.parse(`${plot.dataset.first}T00:00:00Z`);
    const days = plot.dataset.values.split(" ");
    const ahead = plot.dataset.ahead ? plot.dataset.ahead.split(" ") : [];
    const width = Number(plot.dataset.days);
    const points = [];
    days.forEach((day, at) => points.push([at, day]));
    for (const one of ahead) {
      const [at, ...values] = one.split(",");
      points.push([Number(at), values]);
    }
    const geometry = plot.querySelector("svg svg");
    const cursor = document.createElementNS("http://www.w3.org/2000/svg", "path");
    cursor.setAttribute("class", "cursor");
    geometry.append(cursor);
    const reading = document.createElement("p");
    reading.className = "reading";
    reading.setAttribute("aria-hidden", "true");
    reading.hidden = true;
    plot.append(reading);
    let now = days.length - 1;
    const words = ([at, point]) => {
      const date = new Date(first + at * 86400000);
      const day = `${date.getUTCDate()} ${months[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
      if (Array.isArray(point)) {
        const [mean, low, high] = point.map(score);
        return `${day}, forecast: ${mean}, 80% range ${low} to ${high}`;
      }
      if (!/^\d/.test(point)) return `${day}: ${point === "r" ? "retracted" : "not published"}`;
      const [value, low, high] = point.split("/");
      return `${day}: ${score(value)}${high ? `, range of chance ${score(low)} to ${score(high)}` : ""}`;
    };
    const show = (at) => {
      now = Math.min(points.length - 1, Math.max(0, at));
      const text = words(points[now]);
      cursor.setAttribute("d", `M${points[now][0] * 10 + 5} 0V1000`);
      reading.textContent = text;
      reading.hidden = false;
      plot.setAttribute("aria-valuenow", now);
      plot.setAttribute("aria-valuetext", text);
    };
    const hide = () => {
      reading.hidden = true;
      cursor.removeAttribute("d");
    };
    plot.setAttribute("role", "slider");
    plot.setAttribute("tabindex", "0");
    plot.setAttribute("aria-orientation", "horizontal");
    plot.setAttribute("aria-valuemin", "0");
    plot.setAttribute("aria-valuemax", points.length - 1);
    plot.setAttribute("aria-valuenow", now);
    plot.setAttribute("aria-valuetext", words(points[now]));
    const byPointer = (event) => {
      const box = geometry.getBoundingClientRect();
      const day = Math.floor(((event.clientX - box.left) / box.width) * width);
      let near = 0;
      points.forEach(([at], place) => {
        if (Math.abs(at - day) < Math.abs(points[near][0] - day)) near = place;
      });
      show(near);
    };
    plot.addEventListener("pointermove", byPointer);
    plot.addEventListener("pointerdown", byPointer);
    plot.addEventListener("pointerleave", (event) => {
      if (event.pointerType === "mouse" && document.activeElement !== plot) hide();
    });
    plot.addEventListener("focus", () => show(now));
    plot.addEventListener("blur", hide);
    plot.addEventListener("keydown", (event) => {
      const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowDown: -1, ArrowUp: 1, PageDown: -7, PageUp: 7 };
      if (event.key in steps) show(now + steps[event.key]);
      else if (event.key === "Home") show(0);
      else if (event.key === "End") show(points.length - 1);
      else if (event.key === "Escape") hide();
      else return;
      event.preventDefault();
    });
  }
})();
