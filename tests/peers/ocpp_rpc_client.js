// A station made of the npm package ocpp-rpc in strict mode: it checks every answer of the CSMS under test.
//
//   node ocpp_rpc_client.js --modules DIR --endpoint ws://127.0.0.1:9000 --station NODE001
//
// Runs one session and ends. Reports one JSON object a line: opened, answer, violation, done.
'use strict';

const { randomUUID } = require('crypto');
const { createRequire } = require('module');
const { parseArgs } = require('util');

const { values: options } = parseArgs({
    options: {
        modules: { type: 'string' },
        endpoint: { type: 'string' },
        station: { type: 'string' },
    },
});
const { RPCClient } = createRequire(`${options.modules}/`)('ocpp-rpc');

const WRONG = 'wrong-'; // ids of what is sent past the library, which it then cannot know

function report(event, facts) {
    process.stdout.write(`${JSON.stringify({ event, ...facts })}\n`);
}

const client = new RPCClient({
    endpoint: options.endpoint,
    identity: options.station,
    protocols: ['ocpp2.0.1'],
    strictMode: true,
    reconnect: false,
});
client.on('strictValidationFailure', ({ method, outbound, error }) =>
    report('violation', { text: `${outbound ? 'my' : 'its'} ${method}: ${error.message}` }),
);
client.on('badMessage', ({ buffer, error }) => {
    const [, id] = JSON.parse(buffer);
    if (!String(id).startsWith(WRONG)) report('violation', { text: error.message });
});

const now = () => new Date().toISOString();
const idToken = { idToken: 'DEADBEEF', type: 'ISO14443' };
const transactionId = randomUUID();

function energy(context, value) {
    const sampledValue = [{ measurand: 'Energy.Active.Import.Register', context, value }];
    return [{ timestamp: now(), sampledValue }];
}

function transactionEvent(eventType, triggerReason, seqNo, facts) {
    return ['TransactionEvent', { eventType, triggerReason, seqNo, timestamp: now(), ...facts }];
}

function status(connectorStatus) {
    return ['StatusNotification', { timestamp: now(), connectorStatus, evseId: 1, connectorId: 1 }];
}

async function session() {
    const { response } = await client.connect();
    report('opened', { protocol: client.protocol, status: response.statusCode });
    const boot = { reason: 'PowerUp', chargingStation: { model: 'Strict', vendorName: 'npm' } };
    const charging = { transactionId, chargingState: 'Charging' };
    const calls = [
        ['BootNotification', boot],
        status('Occupied'),
        ['SecurityEventNotification', { type: 'StartupOfTheDevice', timestamp: now() }],
        ['Authorize', { idToken }],
        transactionEvent('Started', 'Authorized', 0, {
            transactionInfo: charging,
            idToken,
            evse: { id: 1, connectorId: 1 },
            meterValue: energy('Transaction.Begin', 1000),
        }),
        transactionEvent('Updated', 'MeterValuePeriodic', 1, {
            transactionInfo: charging,
            meterValue: energy('Sample.Periodic', 1500),
        }),
        ['MeterValues', { evseId: 1, meterValue: energy('Sample.Clock', 1750) }],
        ['Heartbeat', {}],
        transactionEvent('Ended', 'StopAuthorized', 2, {
            transactionInfo: { transactionId, chargingState: 'EVConnected', stoppedReason: 'Local' },
            idToken,
            meterValue: energy('Transaction.End', 2000),
        }),
        status('Available'),
    ];
    for (const [method, params] of calls) {
        report('answer', { method, result: await client.call(method, params) });
    }
    for (const [method, params] of [['NoSuchAction', {}], ['StatusNotification', { evseId: 'one' }]]) {
        client.sendRaw(JSON.stringify([2, `${WRONG}${method}`, method, params]));
        const refusal = await new Promise((resolve) => {
            client.on('response', ({ outbound, payload }) => {
                if (!outbound && payload[1] === `${WRONG}${method}`) resolve(payload);
            });
        });
        report('refusal', { method, type: refusal[0], code: refusal[2] });
    }
    await client.close();
    report('done', {});
}

session().catch((error) => {
    report('violation', { text: String(error) });
    process.exitCode = 1;
});
