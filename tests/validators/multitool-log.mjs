// usage: multitool-log.mjs FILE LOG: fails if the multitool's log is missing, says that it did not run, or holds a result.
import { existsSync, readFileSync } from "node:fs";

const [file, log] = process.argv.slice(2);
if (!existsSync(log)) {
  console.log(`${file}: the multitool wrote no log`);
  process.exit(1);
}
const run = JSON.parse(readFileSync(log, "utf8")).runs[0];
const rules = [run.tool.driver, ...(run.tool.extensions ?? [])].flatMap((c) => c.rules ?? []);
const text = (result) => {
  const message = result.message;
  if (message.text) return message.text;
  const rule = rules.find((r) => r.id === result.ruleId || result.ruleId.startsWith(`${r.id}/`));
  const form = rule?.messageStrings?.[message.id]?.text ?? message.id;
  return form.replace(/\{(\d+)\}/g, (_, n) => message.arguments?.[n] ?? "");
};
const problems = (run.results ?? []).map((r) => `${r.level ?? "warning"} ${r.ruleId}: ${text(r)}`);
for (const invocation of run.invocations ?? []) {
  const notes = [...(invocation.toolExecutionNotifications ?? []), ...(invocation.toolConfigurationNotifications ?? [])];
  problems.push(...notes.filter((n) => n.level === "error").map((n) => `multitool: ${n.message?.text}`));
}
for (const problem of problems.slice(0, 20)) console.log(`${file}: ${problem.slice(0, 300)}`);
if (problems.length > 20) console.log(`${file}: and ${problems.length - 20} more`);
process.exit(problems.length > 0 ? 1 : 0);
