// Asks the npm registry for known vulnerabilities of a folder's packages, and fails from "high" upwards. `npm audit` ends
// with 1 both for a vulnerability and for a registry that keeps no advisories (a mirror); only the first is a finding.
//
//     node tools/audit.mjs FOLDER
import { spawnSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';

const folder = process.argv[2];
const { stdout, stderr, error } = spawnSync('npm', ['audit', '--json', '--audit-level=high', '--prefix', folder], {
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
});
if (error) throw error;

const report = read(stdout);
if (report?.auditReportVersion === undefined) {
  const why = `${folder}: no vulnerability was looked up: ${report?.message ?? (stderr.trim() || 'npm gave no report')}\n`;
  // `tools/step` shows what is in this file as skipped.
  appendFileSync(process.env.AVIARY_TEST_SKIPPED ?? '/dev/stdout', why);
  process.exit(0);
}
const { high, critical, total } = report.metadata.vulnerabilities;
for (const [name, { severity, range, via }] of Object.entries(report.vulnerabilities)) {
  const titles = via.map((cause) => (typeof cause === 'string' ? `through ${cause}` : `${cause.title} (${cause.url})`));
  console.log(`${name} ${range}: ${severity}: ${titles.join('; ')}`);
}
console.log(`${total} known vulnerabilities in ${folder}, ${high + critical} of them high or critical.`);
process.exit(high + critical > 0 ? 1 : 0);

/** What npm printed, or nothing where that is no JSON. */
function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
