// A CSMS made of the npm package ocpp-rpc in strict mode: it knows nothing of evtui and checks every message.
//
//   node ocpp_rpc_server.js [--protocol ocpp2.0.1]... [--cert FILE --key FILE] [--password TEXT] [--latency MS]
//
// Reports one JSON object a line on standard output: listening, connected, refused, call, answer, violation, closed.
// Takes one JSON object a line on standard input: `do` is call (asks a station), answer (from now on it answers a
// method so, or with an error), leave (cuts every connection and lets nobody in) or return.
// Ends when its standard input ends, so that it never outlives its test.
'use strict';

const http = require('http');
const https = require('https');
const { readFileSync } = require('fs');
const { createRequire } = require('module');
const { createInterface } = require('readline');
const { parseArgs } = require('util');

const { values: options } = parseArgs({
    options: {
        modules: { type: 'string' },
        protocol: { type: 'string', multiple: true, default: ['ocpp2.0.1'] },
        cert: { type: 'string' },
        key: { type: 'string' },
        password: { type: 'string' },
        latency: { type: 'string', default: '5' },
    },
});
const { RPCServer, createRPCError } = createRequire(`${options.modules}/`)('ocpp-rpc');

const CLOCK_TOLERANCE_MS = 2000;
const MAX_MESSAGE_ID = 36;

function report(event, facts) {
    process.stdout.write(`${JSON.stringify({ event, ...facts })}\n`);
}

const accepted = { status: 'Accepted' };
const answers = {
    Authorize: () => ({ idTokenInfo: accepted }),
    DataTransfer: () => ({ status: 'UnknownVendorId' }),
    BootNotification: () => ({ currentTime: new Date().toISOString(), interval: 300, status: 'Accepted' }),
    Heartbeat: () => ({ currentTime: new Date().toISOString() }),
    TransactionEvent: ({ idToken }) => (idToken ? { idTokenInfo: accepted } : {}),
};
for (const method of [
    'FirmwareStatusNotification',
    'LogStatusNotification',
    'MeterValues',
    'NotifyCustomerInformation',
    'NotifyEvent',
    'NotifyReport',
    'ReservationStatusUpdate',
    'SecurityEventNotification',
    'StatusNotification',
]) {
    answers[method] = () => ({});
}

// Those of OCPP 1.6, where they are others.
let transactions = 0;
const oldAnswers = {
    Authorize: () => ({ idTagInfo: accepted }),
    StartTransaction: () => ({ idTagInfo: accepted, transactionId: (transactions += 1) }),
    StopTransaction: ({ idTag }) => (idTag ? { idTagInfo: accepted } : {}),
};
const toldAnswers = {}; // by the test, instead

// What the schemas do not say: optional fields are left out rather than empty (OCPP-J 4.1.5), and nothing comes from
// the future.
function* oddities(value, path) {
    if (value === null) {
        yield `${path} is null`;
    } else if (typeof value === 'object') {
        if (path !== '' && Object.keys(value).length === 0) yield `${path} is empty`;
        for (const [key, inner] of Object.entries(value)) yield* oddities(inner, `${path}/${key}`);
    } else if (typeof value === 'string' && /timestamp$/i.test(path)) {
        if (Date.parse(value) > Date.now() + CLOCK_TOLERANCE_MS) yield `${path} is in the future: ${value}`;
    }
}

const usedIds = new Map(); // station -> message ids over all its connections
const clients = new Map(); // station -> its newest connection
let away = false;

function watch(client) {
    const station = client.identity;
    clients.set(station, client);
    const ids = usedIds.get(station) ?? new Set();
    usedIds.set(station, ids);
    let inFlight = null;
    const violation = (kind, text) => report('violation', { station, kind, text });

    client.on('call', ({ outbound, payload: [, id, method, params] }) => {
        if (outbound) return;
        if (inFlight !== null) violation('second-call', `${method} while ${inFlight} is not answered`);
        if (id.length > MAX_MESSAGE_ID) violation('message-id', `${id} is longer than ${MAX_MESSAGE_ID}`);
        if (ids.has(id)) violation('message-id', `${id} of ${method} was used before`);
        ids.add(id);
        inFlight = method;
        for (const text of oddities(params, '')) violation('oddity', `${method}: ${text}`);
        report('call', { station, id, method, params, at: Date.now() / 1000 });
    });
    client.on('response', ({ outbound }) => {
        if (outbound) inFlight = null;
    });
    client.on('strictValidationFailure', ({ method, outbound, isCall, error }) =>
        violation('schema', `${outbound ? 'my' : 'its'} ${method} ${isCall ? 'CALL' : 'CALLRESULT'}: ${error.message}`),
    );
    client.on('badMessage', ({ error }) => violation('frame', error.message));
    client.on('close', ({ code }) => {
        if (clients.get(station) === client) clients.delete(station);
        report('closed', { station, code });
    });
    client.handle(async ({ method, params }) => {
        await new Promise((resolve) => setTimeout(resolve, Number(options.latency)));
        const answer =
            toldAnswers[method] || (client.protocol === 'ocpp1.6' && oldAnswers[method]) || answers[method];
        if (!answer) {
            violation('unexpected', method);
            return {};
        }
        return answer(params);
    });
    report('connected', {
        station,
        protocol: client.protocol,
        offered: [...client.handshake.protocols],
        path: client.handshake.request.url,
        userAgent: client.handshake.headers['user-agent'] ?? null,
        authorization: client.handshake.headers.authorization !== undefined,
        encrypted: client.handshake.request.socket.encrypted === true,
    });
}

const server = new RPCServer({ protocols: options.protocol, strictMode: true, respondWithDetailedErrors: true });
server.auth((accept, reject, { identity, password }) => {
    if (away) {
        reject(503, 'Service Unavailable');
    } else if (options.password !== undefined && password?.toString() !== options.password) {
        report('refused', { station: identity });
        reject(401, 'Unauthorized');
    } else {
        accept();
    }
});
server.on('client', watch);

const web = options.cert
    ? https.createServer({ cert: readFileSync(options.cert), key: readFileSync(options.key) })
    : http.createServer();
web.on('upgrade', server.handleUpgrade);
web.listen(0, '127.0.0.1', () => report('listening', { port: web.address().port }));

const commands = {
    async call({ station, id, method, params }) {
        try {
            report('answer', { station, id, method, result: await clients.get(station).call(method, params) });
        } catch (error) {
            report('answer', { station, id, method, error: error.rpcErrorCode ?? String(error) });
        }
    },
    answer({ method, payload, error }) {
        toldAnswers[method] = () => {
            if (error) throw createRPCError(error);
            return payload;
        };
    },
    leave() {
        away = true;
        for (const client of clients.values()) client.close({ code: 1001, reason: 'away', force: true });
    },
    return() {
        away = false;
    },
};
const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
    const command = JSON.parse(line);
    commands[command.do](command);
});
lines.on('close', () => process.exit(0));
