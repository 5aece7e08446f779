"use strict";
(function () {
	/* Tables by any column: a click turns the order. */
	function number(cell) {
		var s = cell ? cell.textContent.replace(/[,%+>]/g, "") : "";
		var n = parseFloat(s.replace("\u2212", "-"));

		return isNaN(n) ? -Infinity : n;
	}
	function sort(table, col, th) {
		var body = table.tBodies[0], rows = [].slice.call(body.rows);
		var down = th.getAttribute("aria-sort") !== "descending";
		var text = col === 0;

		rows.sort(function (a, b) {
			var x = a.cells[col], y = b.cells[col], d;

			d = text ?
			    x.textContent < y.textContent ? 1 : -1 :
			    number(x) - number(y);
			return down ? -d : d;
		});
		[].forEach.call(table.tHead.rows[0].cells, function (c) {
			c.removeAttribute("aria-sort");
		});
		th.setAttribute("aria-sort", down ? "descending" : "ascending");
		rows.forEach(function (r) { body.appendChild(r); });
	}
	[].forEach.call(document.querySelectorAll("table"), function (table) {
		[].forEach.call(table.tHead.rows[0].cells, function (th, col) {
			var b = document.createElement("button");

			b.type = "button";
			b.textContent = th.textContent;
			b.addEventListener("click", function () {
				sort(table, col, th);
			});
			th.textContent = "";
			th.appendChild(b);
		});
	});

	/* A day's value over its place, out of the table of every day. */
	var days = document.querySelector("#days table");
	var tip = document.createElement("div");
	var cells = {};

	if (!days)
		return;
	tip.id = "tip";
	[].forEach.call(days.tBodies[0].rows, function (r) {
		cells[r.cells[0].textContent.slice(0, 10)] = r.cells;
	});
	function show(chart, col, e) {
		var box = chart.getBoundingClientRect();
		var n = +chart.dataset.n, i, day, row, left;

		i = Math.floor((e.clientX - box.left) / box.width * n);
		if (i < 0 || i >= n)
			return;
		day = new Date(Date.parse(chart.dataset.from) + 864e5 * i)
		    .toISOString().slice(0, 10);
		row = cells[day];
		tip.textContent = row ? row[0].textContent + ": " +
		    row[col].textContent : day + ": no metrics";
		chart.parentNode.appendChild(tip);
		left = (i + .5) / n * box.width - tip.offsetWidth / 2;
		tip.style.left = Math.max(0,
		    Math.min(left, box.width - tip.offsetWidth)) + "px";
		tip.style.top = chart.getBoundingClientRect().top -
		    chart.parentNode.getBoundingClientRect().top - 8 + "px";
	}
	[].forEach.call(document.querySelectorAll("svg[data-metric]"),
	    function (chart) {
		var heads = [].slice.call(days.tHead.rows[0].cells);
		var col = heads.findIndex(function (th) {
			return th.dataset.metric === chart.dataset.metric;
		});

		if (col < 0)
			return;
		chart.addEventListener("pointermove", function (e) {
			show(chart, col, e);
		});
		chart.addEventListener("pointerleave", function () {
			tip.remove();
		});
	});
})();
