// usage: BROWSER=... NODE_PATH=... html-checks.mjs FILE...
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const require = createRequire(join(resolve(process.env.NODE_PATH), "x"));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const browser = await chromium.launch({ executablePath: process.env.BROWSER, args: ["--no-sandbox"] });
let failed = 0;

for (const file of process.argv.slice(2)) {
  const problems = [];
  const need = (fact, text) => fact || problems.push(text);
  const url = pathToFileURL(resolve(file)).href;
  for (const [colorScheme, width] of [["light", 1440], ["dark", 320]]) {
    const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } });
    page.on("console", (m) => m.type() === "error" && problems.push(`console: ${m.text()}`));
    page.on("pageerror", (e) => problems.push(`script: ${e.message}`));
    page.on("dialog", (d) => { problems.push(`dialog: ${d.message()}`); d.dismiss(); });
    page.on("request", (r) => r.url().split("#")[0] === url || problems.push(`request: ${r.url()}`));
    await page.goto(url);
    const paint = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0);
    need(paint < 1000, `first paint after ${Math.round(paint)} ms`);
    need(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `wider than ${width} pixels`);
    const outside = await page.evaluate(() =>
      [...document.querySelectorAll("h1,h2,h3,p,dd,td,pre,li,svg,button,select")].filter((e) => {
        const box = e.getBoundingClientRect();
        return box.width > 1 && box.right > innerWidth + 1 && !e.closest(".scroll, figcaption, [hidden]");
      }).map((e) => e.textContent.slice(0, 40))[0]);
    need(!outside, `stands outside of ${width} pixels: ${outside}`);
    if (width > 1000) {
      // Boxes of one row have their middles at one height.
      const rows = await page.evaluate(() => new Set([...document.querySelectorAll(".tools > *")].map((e) => e.getBoundingClientRect()).filter((r) => r.width > 0).map((r) => Math.round((r.top + r.bottom) / 20))).size);
      need(rows <= 1, `the filters take ${rows} rows of ${width} pixels`);
    }
    await times(page, need, width);
    if (width > 1000) await filters(page, need, url);
    // axe walks the whole page several times; beyond some dozens of cards the rest is more of the same.
    await page.evaluate(() => [...document.querySelectorAll("article")].slice(40).forEach((e) => e.remove()));
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
    for (const v of violations.filter((v) => ["serious", "critical"].includes(v.impact))) {
      problems.push(`axe (${colorScheme}): ${v.id}: ${v.nodes[0].target} ${v.nodes[0].failureSummary}`.slice(0, 400));
    }
    await page.close();
  }
  for (const problem of problems) console.log(`${file}: ${problem}`);
  if (problems.length > 0) failed = 1;
}
await browser.close();
if (!failed) console.log(`html: ${process.argv.length - 2} file(s) pass`);
process.exit(failed);

// The picture of a credential's life: each event can be seen at any width, and is told in words where the picture has none.
async function times(page, need, width) {
  const seen = await page.evaluate(() =>
    [...document.querySelectorAll("figure.time")].slice(0, 40).map((figure) => {
      const own = figure.getBoundingClientRect();
      const marks = [...figure.querySelectorAll(":scope > svg .event path")].map((e) => e.getBoundingClientRect());
      const words = figure.querySelector("figcaption").getBoundingClientRect();
      const labels = [...figure.querySelectorAll("text")].map((e) => e.getBoundingClientRect()).filter((r) => r.width > 0);
      const cover = labels.some((a, i) => labels.some((b, j) => j > i && a.left < b.right && b.left < a.right && a.top + 2 < b.bottom && b.top + 2 < a.bottom));
      return { marks: marks.length, small: marks.some((m) => m.height < 7 || m.left < own.left - 1 || m.right > own.right + 1), words: words.height > 10, labels: labels.length, cover };
    }));
  for (const time of seen) {
    need(time.marks > 1 && !time.small, `${width} pixels: an event of a timeline cannot be seen`);
    need(time.words || time.labels === time.marks, `${width} pixels: the events of a timeline have no words`);
    need(!time.cover, `${width} pixels: labels of a timeline cover each other`);
  }
}

async function filters(page, need, url) {
  // Asked of the page at once: the browser library's own count takes minutes over thousands of rows.
  const count = (only = "") =>
    page.evaluate((s) => [...document.querySelectorAll(s)].filter((e) => !e.closest("[hidden]")).length, `article li[data-level]${only}`);
  const all = await page.locator("article li[data-level]").count();
  const shown = () => page.locator("#shown").textContent();
  if (all === 0) return;
  const before = await count();
  await page.keyboard.press("/");
  need(await page.evaluate(() => document.activeElement.id === "search"), "/ does not reach the search");
  await page.keyboard.type("no such words anywhere");
  await page.waitForTimeout(300);
  need((await count()) === 0 && (await page.locator("#empty").isVisible()), "a search for nothing shows something");
  await page.keyboard.press("Escape");
  await page.waitForTimeout(150);
  need((await count()) === before, "clearing the search does not bring all back");
  const errors = page.locator('button[data-toggle="error"]');
  if (await errors.isVisible()) {
    const start = Date.now();
    await errors.click();
    need((await count('[data-level="error"]')) === 0, "errors are shown though switched off");
    need(Date.now() - start < 3000, `a filter takes ${Date.now() - start} ms`);
    need(/ of /.test(await shown()), `the count says ${await shown()}`);
    await errors.click();
  }
  const last = await page.locator("article li[data-level]").last().getAttribute("id");
  await page.fill("#search", "no such words anywhere");
  await page.waitForTimeout(300);
  await page.goto(`${url}#${last}`);
  await page.waitForTimeout(300);
  need(await page.locator(`#${last}`).isVisible(), "a link to a filtered finding does not show it");
  await page.emulateMedia({ media: "print" });
  need(!(await page.locator(".tools").isVisible()), "the filters are printed");
  need(await page.evaluate(() => getComputedStyle(document.body).backgroundColor === "rgb(255, 255, 255)"), "the paper is not white");
  await page.emulateMedia({ media: "screen" });
}
