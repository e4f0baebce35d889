// usage: upload-checks.mjs SCHEMA FILE
// What GitHub's upload action and service check, remade: the action validates with this very package against the schema
// and wants unique categories; the service rejects whole files for the rest.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { gzipSync } from "node:zlib";
import { join } from "node:path";

const [schemaFile, file] = process.argv.slice(2);
const { Validator } = createRequire(join(process.env.NODE_PATH, "x"))("jsonschema");
const bytes = readFileSync(file);
const log = JSON.parse(bytes);
const problems = [];
const need = (fact, text) => fact || problems.push(text);

// The action logs errors of these two formats and goes on.
const lenient = (e) => e.name === "format" && ["uri", "uri-reference"].includes(e.argument);
const schema = JSON.parse(readFileSync(schemaFile, "utf8"));
const { errors } = new Validator().validate(log, schema);
problems.push(...errors.filter((e) => !lenient(e)).map((e) => e.stack));

need(gzipSync(bytes).length < 10_000_000, "more than 10 MB compressed");
need(log.$schema && log.version === "2.1.0", "$schema or version");
need(log.runs.length <= 20, "more than 20 runs");
const categories = log.runs.map((r) => JSON.stringify([r.tool.driver.name, r.tool.driver.fullName, r.tool.driver.version,
  r.tool.driver.semanticVersion, r.tool.driver.guid, r.automationDetails?.id]));
need(new Set(categories).size === categories.length, "two runs share a category");
const text = (s) => typeof s === "string" && s.length > 0;

for (const run of log.runs) {
  need(Array.isArray(run.results), "no list of results");
  need(run.results.length <= 25_000, "more than 25,000 results");
  need(/^.+\/$/.test(run.automationDetails?.id ?? ""), "no category");
  need((run.invocations ?? []).every((i) => i.executionSuccessful === true), "an unsuccessful execution");
  const rules = run.tool.driver.rules ?? [];
  need(rules.length <= 25_000, "more than 25,000 rules");
  need(new Set(rules.map((r) => r.id)).size === rules.length, "a rule twice");
  for (const rule of rules) {
    const is = (fact, what) => need(fact, `rule ${rule.id}: ${what}`);
    is((rule.name ?? "").length <= 255 && rule.name !== rule.id, "name");
    for (const part of ["shortDescription", "fullDescription"]) {
      is(text(rule[part]?.text) && rule[part].text.length <= 1024, part);
    }
    is(text(rule.help?.text) && text(rule.help?.markdown), "help");
    is(["note", "warning", "error"].includes(rule.defaultConfiguration?.level), "level");
    const p = rule.properties ?? {};
    is(p.tags?.includes("security") && p.tags.length <= 10 && new Set(p.tags).size === p.tags.length, "tags");
    is(["very-high", "high", "medium", "low"].includes(p.precision), "precision");
    is(["error", "warning", "recommendation"].includes(p["problem.severity"]), "problem.severity");
    const severity = p["security-severity"];
    is(typeof severity === "string" && /^\d+(\.\d+)?$/.test(severity) && Number(severity) <= 10 && Number(severity) !== 9, "security-severity");
  }
  run.results.forEach((result, i) => {
    const is = (fact, what) => need(fact, `result ${i}: ${what}`);
    is(result.kind === "fail", "kind");
    is(["note", "warning", "error"].includes(result.level), "level");
    is(rules[result.ruleIndex]?.id === result.ruleId, "ruleId and ruleIndex differ");
    is(text(result.message?.text) && !result.message.id, "message");
    is(/^[0-9a-f]{16}:[1-9]\d*$/.test(result.partialFingerprints?.primaryLocationLineHash ?? ""), "primaryLocationLineHash");
    for (const key of [...Object.keys(result.fingerprints ?? {}), ...Object.keys(result.partialFingerprints)]) {
      is(!key.includes("/") || /\/v\d+$/.test(key), `fingerprint key ${key}`);
    }
    is(result.locations?.length === 1, "locations");
    is((result.relatedLocations ?? []).length <= 1000, "related locations");
    for (const location of [...result.locations, ...(result.relatedLocations ?? [])]) {
      const uri = location.physicalLocation?.artifactLocation?.uri ?? "";
      is(uri !== "" && !/^([a-z][a-z0-9+.-]*:|\/|\.\/|.*\\|.* )/i.test(uri) && !uri.split("/").includes(".."), `uri ${uri}`);
      const r = location.physicalLocation?.region ?? {};
      const numbers = [r.startLine, r.startColumn, r.endLine, r.endColumn];
      is(numbers.every((n) => Number.isInteger(n) && n > 0), "region");
      is(r.endLine > r.startLine || (r.endLine === r.startLine && r.endColumn > r.startColumn), "an empty region");
      is(!r.snippet && !location.physicalLocation.contextRegion, "a snippet");
    }
  });
  const keys = run.results.map((r) => JSON.stringify([r.ruleId, r.locations[0].physicalLocation.artifactLocation.uri, r.partialFingerprints.primaryLocationLineHash]));
  need(new Set(keys).size === keys.length, "two results with one identity");
  const sums = JSON.stringify(run.versionControlProvenance ?? []);
  need(!/\/\/[^/"]*@/.test(sums), "user or password in a repository's address");
}
for (const problem of problems) console.log(`${file}: ${problem}`);
process.exit(problems.length > 0 ? 1 : 0);
