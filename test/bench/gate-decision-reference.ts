/**
 * A gate as one would write it at first, to hold ours against: each request is looked up in a table and written down in it,
 * flushed, before the gate is told. Sent by the bench: `{value}`; needs the controller's address, a database and a login.
 */
import { DatabaseSync } from 'node:sqlite';
import { createSoapClient } from '@dipper/edge/access/soap-client';

const [url = '', file = '', username = '', password = ''] = process.argv.slice(2);
const database = new DatabaseSync(file);
database.exec('pragma journal_mode = wal; pragma synchronous = full');
database.exec('create table record (id integer primary key, credential text not null, at_ms integer not null)');
database.exec('create table credential (hmac text primary key, until_ms integer not null)');
const add = database.prepare('insert into credential values (?, ?)');
database.exec('begin');
for (let number = 0; number < Number(process.argv[6] ?? 0); number += 1) add.run(`plate-${number}`, Date.now() + 1e10);
database.exec('commit');
const find = database.prepare('select until_ms from credential where hmac = ?');
const note = database.prepare('insert into record (credential, at_ms) values (?, ?)');
const send = createSoapClient({ credentials: { username, password }, deviceNowMs: Date.now });

process.on('message', async ({ value }: { value: string }) => {
  const found = find.get(value) as { until_ms: number } | undefined;
  if (found === undefined || found.until_ms < Date.now()) return;
  note.run(value, Date.now());
  await send({
    url: new URL('/onvif/deviceio_service', url),
    action: 'http://www.onvif.org/ver10/deviceIO/wsdl/SetRelayOutputState',
    body: '<SetRelayOutputState xmlns="http://www.onvif.org/ver10/deviceIO/wsdl"><RelayOutputToken>relay-open</RelayOutputToken><LogicalState>active</LogicalState></SetRelayOutputState>',
    timeoutMs: 10_000,
    signal: AbortSignal.timeout(10_000),
  });
});
process.on('disconnect', () => process.exit(0));
process.send?.({ ready: true });
