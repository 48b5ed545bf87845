import type { Gate } from '../../src/core/gate.ts';
import { describeFinding, describeWaived, sortFindings } from '../../src/core/verdict.ts';
import type { RunStatus } from '../../workflows/messages.ts';
import { describeQuarantined, type Quarantined } from './quarantined.ts';
import { describeAge } from './table.ts';

export function openGates(status: RunStatus): Gate[] {
  return status.gates.filter((gate) => gate.decision === null);
}

/** An open gate with the commands that answer it. */
export function renderGate(runId: string, gate: Gate, nowMs: number): string {
  const findings = sortFindings(gate.findings).slice(0, 5);
  const more = gate.findingCount - findings.length;
  return [
    `${runId}  gate ${gate.id}  ${gate.severity}  open for ${describeAge(gate.openedAt, nowMs)} (since ${gate.openedAt})`,
    `  ${gate.title}`,
    ...findings.map((each) => `  - ${describeFinding(each)}`),
    ...(more > 0 ? [`  - and ${more} more: npx tidemark gate show ${runId} --gate ${gate.id}`] : []),
    ...(gate.evidenceUri ? [`  evidence ${gate.evidenceUri}`] : []),
    `  evidence digest ${gate.evidenceDigest}`,
    ...gate.allowed.flatMap((action) => [
      `  npx tidemark ${action} ${runId} --gate ${gate.id} --reason "..."`,
      `      ${gate.effects[action] ?? ''}`,
    ]),
  ].join('\n');
}

/** Everything that a run says of itself, and what it has put into quarantine; null where that is not known. */
export function renderStatus(
  runId: string,
  status: RunStatus,
  nowMs: number,
  quarantined: Quarantined | null = null,
): string {
  const extracted = Object.entries(status.extracted);
  return [
    `run       ${runId}`,
    `run key   ${status.runKey}`,
    `state     ${status.state}`,
    ...(status.state === 'running' || status.state === 'waiting'
      ? [`stage     ${status.stage}, for ${describeAge(status.since, nowMs)} (since ${status.since})`]
      : []),
    ...(status.sequence === null ? [] : [`published as publication ${status.sequence}`]),
    ...(extracted.length === 0
      ? []
      : [`extracted ${extracted.map(([name, rows]) => `${name} ${rows} rows`).join(', ')}`]),
    ...(quarantined === null ? [] : [describeQuarantined(quarantined)]),
    ...(status.waived ?? []).map(describeWaived),
    ...status.gates.flatMap((gate) => [
      '',
      gate.decision
        ? `gate ${gate.id}: ${gate.title}\n  ${gate.decision.action} by ${gate.decision.by} at ${gate.decision.at}: ${gate.decision.reason}`
        : renderGate(runId, gate, nowMs),
    ]),
  ].join('\n');
}
