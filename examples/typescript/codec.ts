// Seals what is sent to a case and opens what comes back, as Probity's workers do: AES-256-GCM, a key ring in a file.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Payload, PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';

const { Payload: Wire } = proto.temporal.api.common.v1;
const NONCE = 12; // bytes before the ciphertext
const TAG = 16; // bytes after it

const text = (bytes?: Uint8Array | null) => Buffer.from(bytes ?? []).toString();
const idOf = (key: Buffer) => createHash('sha256').update('probity payload key').update(key).digest('hex').slice(0, 16);

/** The codec with the keys of a file: one a line in base64, of which the first seals and all open. */
export function sealedPayloads(file: string): PayloadCodec {
  const keys = readFileSync(file, 'ascii').split(/\s+/).filter(Boolean).map((line) => Buffer.from(line, 'base64'));
  const ring = new Map(keys.map((key) => [idOf(key), key]));
  const [first] = ring.keys();

  function seal(payload: Payload, workflowId?: string): Payload {
    const metadata = { ...payload.metadata, ...(workflowId && { 'workflow-id': Buffer.from(workflowId) }) };
    const nonce = randomBytes(NONCE);
    const cipher = createCipheriv('aes-256-gcm', ring.get(first)!, nonce);
    const sealed = [cipher.update(Wire.encode({ ...payload, metadata }).finish()), cipher.final(), cipher.getAuthTag()];
    return {
      metadata: { encoding: Buffer.from('binary/encrypted'), 'encryption-key-id': Buffer.from(first) },
      data: Buffer.concat([nonce, ...sealed]),
    };
  }

  function open(payload: Payload): Payload {
    if (text(payload.metadata?.encoding) !== 'binary/encrypted') return payload;
    const key = ring.get(text(payload.metadata?.['encryption-key-id']));
    if (!key) throw new Error('A payload is sealed under a key that is not in the file.');
    const data = Buffer.from(payload.data ?? []);
    const decipher = createDecipheriv('aes-256-gcm', key, data.subarray(0, NONCE));
    decipher.setAuthTag(data.subarray(-TAG));
    const opened = Wire.decode(Buffer.concat([decipher.update(data.subarray(NONCE, -TAG)), decipher.final()]));
    delete opened.metadata['workflow-id'];
    return opened;
  }

  return {
    encode: async (payloads, context) =>
      payloads.map((each) => seal(each, context && 'workflowId' in context ? context.workflowId : undefined)),
    decode: async (payloads) => payloads.map(open),
  };
}
