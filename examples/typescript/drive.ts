// Refers a matter and takes its case to a suspension, through Temporal alone: node drive.ts REFERENCE
import { randomUUID } from 'node:crypto';
import { ApplicationFailure, Client, Connection, WorkflowUpdateFailedError } from '@temporalio/client';
import { sealedPayloads } from './codec.ts';

const reference = process.argv[2] ?? `TS-${Date.now()}`;
const keys = process.env.PROBITY_PAYLOAD_KEYS; // the file of the workers, where what Temporal stores is sealed
const connection = await Connection.connect({ address: process.env.TEMPORAL_ADDRESS ?? 'localhost:7233' });
const client = new Client({
  connection,
  namespace: process.env.TEMPORAL_NAMESPACE ?? 'default',
  dataConverter: keys ? { payloadCodecs: [sealedPayloads(keys)] } : undefined,
});

/** Who does something, and when. */
const by = (role: string, id: string) => ({ actor: { role, id }, occurred_at: new Date().toISOString() });

// 1. The referral starts the workflow. The id of the workflow has to be `case/` and the reference.
const handle = await client.workflow.start('Case', {
  workflowId: `case/${reference}`,
  taskQueue: process.env.PROBITY_TASK_QUEUE ?? 'probity',
  workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
  args: [
    {
      ...by('intake', 'in-1'),
      reference,
      force: 'force-01',
      origin: 'conduct_matter',
      first_known: new Date().toISOString().slice(0, 10),
      illustrative: true,
      officers: [{ officer: 'A', person: 'p-1401', rank: 'constable' }],
      allegations: [{ allegation: 'access', summary: 'Looked up a record without a purpose.', officers: ['A'] }],
    },
  ],
});
const opened: number = await handle.executeUpdate('catch_up');
console.log(`open, at version ${opened}`);

/** A command is an Update of its name. Its answer is the events that are new to the case; a refusal is an error. */
async function give(command: string, body: object, told: { id?: string; expected?: number } = {}) {
  try {
    const args: [object, number?] = told.expected === undefined ? [body] : [body, told.expected];
    const options = { args, updateId: told.id ?? randomUUID() };
    const call = () => handle.executeUpdate<{ type: string }[], [object, number?]>(command, options);
    const events = await client.withDeadline(Date.now() + 30_000, call);
    console.log(`${command}: ${events.map((each) => each.type).join(', ')}`);
  } catch (error) {
    if (!(error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure)) throw error;
    const [refusal] = error.cause.details as { code: string; sentence: string; citation: string | null }[];
    console.log(`${command}: refused as ${refusal.code}: ${refusal.sentence}`);
  }
}

// 2. Commands. The id names the act: sent again under it, also after a crash, it is done once and answered the same.
const assessment = { ...by('appropriate_authority', 'aa-1'), kind: 'mandatory', reasons: 'Gravity of the allegation.' };
await give('assess_referral', assessment, { id: `${reference}/assessment` });
await give('assess_referral', assessment, { id: `${reference}/assessment` });

// 3. What the law rules out is refused, and nothing of it is recorded.
const suspension = { ...by('appropriate_authority', 'aa-1'), officers: ['A'], measure: 'suspension', reasons: 'Grave.' };
await give('impose_restriction', suspension);
const lawful = { ...suspension, redeployment_considered: true, public_interest_requires: true };
await give('impose_restriction', lawful, { expected: 1 }); // meant for a case that has moved on since
await give('impose_restriction', lawful);

// 4. Queries read the case.
const page = await handle.query<{ stage: string; officers: Record<string, { restriction: string }> }>('state');
const deadlines = await handle.query<Record<string, { due: string; duty: string }>>('deadlines');
const next = await handle.query<{ command: string; given_by: string[] }[]>('lawful_next');
console.log(`stage ${page.stage}, officer A: ${page.officers.A.restriction}`);
const lift = next.find((act) => act.command === 'lift_restriction');
console.log(`review due ${deadlines['suspension_review_first/A'].due}; may be lifted by: ${lift?.given_by.join(', ')}`);
await connection.close();
