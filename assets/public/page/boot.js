(() => {
  "use strict";
  const specs = document.querySelectorAll('script[type="application/json"][data-chart]');
  const config = { displayModeBar: false, displaylogo: false, responsive: true };
  const draw = () => {
    const styles = getComputedStyle(document.documentElement);
    const colour = (_, name) => styles.getPropertyValue(name).trim();
    for (const spec of specs) {
      const figure = JSON.parse(spec.textContent.replace(/var\((--[a-z0-9-]+)\)/g, colour));
      Plotly.react(spec.dataset.chart, figure.data, figure.layout, config);
    }
  };
  draw();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
