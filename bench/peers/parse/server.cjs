// Parse Server with sessions, and documents that only their owner reads and writes.

const express = require("express");
const { ParseServer } = require("parse-server");

async function main() {
  const url = `http://127.0.0.1:${process.env.PORT}/parse`;
  const server = new ParseServer({
    databaseURI: process.env.MONGODB,
    databaseOptions: { writeConcern: { w: "majority", journal: true } },
    appId: "bench",
    masterKey: "bench-master",
    serverURL: url,
    allowCustomObjectId: true,
    allowClientClassCreation: true,
    silent: true,
    logLevel: "error",
    verifyUserEmails: false,
  });
  await server.start();
  const app = express();
  app.use("/parse", server.app);
  app.listen(Number(process.env.PORT), "127.0.0.1");
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
