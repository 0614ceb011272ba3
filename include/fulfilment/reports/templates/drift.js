// Draws the stacked bars. Each cause has a colour and a pattern, so that the picture reads without colour too.
(function () {
  "use strict";
  const canvas = document.getElementById("chart");
  const source = document.getElementById("chart-data");
  if (!canvas || !source || typeof Chart === "undefined") return;
  const data = JSON.parse(source.textContent);
  const flat = data.labels.length === 1;

  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  const strokes = {
    plain: () => {},
    rising: (ink) => { ink.moveTo(-2, 10); ink.lineTo(10, -2); ink.moveTo(6, 10); ink.lineTo(10, 6); ink.moveTo(-2, 2); ink.lineTo(2, -2); },
    falling: (ink) => { ink.moveTo(-2, -2); ink.lineTo(10, 10); ink.moveTo(6, -2); ink.lineTo(10, 2); ink.moveTo(-2, 6); ink.lineTo(2, 10); },
    level: (ink) => { ink.moveTo(0, 4); ink.lineTo(8, 4); },
    upright: (ink) => { ink.moveTo(4, 0); ink.lineTo(4, 8); },
    crossed: (ink) => { strokes.level(ink); strokes.upright(ink); },
    dots: (ink) => { ink.rect(3, 3, 2, 2); },
    mesh: (ink) => { strokes.rising(ink); strokes.falling(ink); },
    sparse: (ink) => { ink.rect(1, 1, 1, 1); },
  };
  const look = {
    not_acknowledged: "plain", not_posted: "rising", channel_edit: "level", unit_of_measure: "crossed",
    unmapped: "dots", missing_in_warehouse: "falling", missing_in_shop: "upright", stale_read: "mesh", unknown: "sparse",
  };

  function fill(cause) {
    const tile = document.createElement("canvas");
    tile.width = tile.height = 8;
    const ink = tile.getContext("2d");
    ink.fillStyle = style("--cause-" + cause.replaceAll("_", "-"));
    ink.fillRect(0, 0, 8, 8);
    ink.strokeStyle = style("--surface");
    ink.lineWidth = 1.4;
    ink.beginPath();
    strokes[look[cause]](ink);
    ink.stroke();
    return ink.createPattern(tile, "repeat");
  }

  let chart = null;
  function draw() {
    if (chart) chart.destroy();
    Chart.defaults.color = style("--quiet");
    Chart.defaults.font.family = style("--face");
    const counts = { stacked: true, beginAtZero: true, ticks: { precision: 0 }, grid: { color: style("--rule") }, border: { display: false } };
    const days = { stacked: true, grid: { display: false }, ticks: { maxRotation: 0, autoSkipPadding: 12 } };
    chart = new Chart(canvas, {
      type: "bar",
      data: {
        labels: data.labels,
        datasets: data.series.map((each) => ({
          label: each.label, data: each.counts, backgroundColor: fill(each.cause),
          borderColor: style("--surface"), borderWidth: 1, maxBarThickness: 44,
        })),
      },
      options: {
        animation: false,
        responsive: true,
        maintainAspectRatio: false,
        indexAxis: flat ? "y" : "x",
        scales: flat ? { x: counts, y: days } : { x: days, y: counts },
        plugins: {
          legend: { position: "bottom", align: "start", labels: { boxWidth: 22, boxHeight: 14, padding: 14, color: style("--ink") } },
          tooltip: { mode: "index", filter: (item) => item.raw > 0 },
        },
      },
    });
  }
  draw();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
