// A controller that is not ours: the npm package echonet-lite, as its own examples use it. It searches by multicast,
// fetches the maps and then all properties by itself, and does what lines of JSON on stdin say; on stdout it tells
// every frame that reached it, a line of JSON each.
'use strict';

const [modules, address] = process.argv.slice(2);
const dgram = require('dgram');

// It would join the group on the interface of the default route: here nothing leaves loopback.
const join = dgram.Socket.prototype.addMembership;
dgram.Socket.prototype.addMembership = function (group) {
  return join.call(this, group, address);
};

const EL = require(require.resolve('echonet-lite', { paths: [modules] }));

const tell = (what) => process.stdout.write(JSON.stringify(what) + '\n');

const heard = (rinfo, els, error) => {
  if (error) {
    tell({ event: 'error', text: String(error) });
  } else {
    tell({ event: 'frame', from: rinfo.address, seoj: els.SEOJ, esv: els.ESV, details: els.DETAILs });
  }
};

const OPTIONS = { v4: address, v6: '', ignoreMe: false, autoGetProperties: true, autoGetDelay: 50, debugMode: false };

EL.initialize(['05ff01'], heard, 4, OPTIONS).then((socket) => {
  const serve = () => {
    tell({ event: 'listening' });
    require('readline')
      .createInterface({ input: process.stdin })
      .on('line', (line) => {
        const { command, to, eoj, esv, details } = JSON.parse(line);
        if (command === 'search') EL.search();
        else if (command === 'facilities') tell({ event: 'facilities', of: EL.facilities[to] || {} });
        else EL.sendDetails(to, '05ff01', eoj, esv, details);
      })
      .on('close', () => process.exit(0));
  };
  socket.once('listening', serve);
});
