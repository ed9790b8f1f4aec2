// Makes a replica set of the three MongoDBs of the composition, where there is none yet, and waits for its primary.

const members = ["mongo-1", "mongo-2", "mongo-3"].map((name, number) => ({ _id: number, host: `${name}:27017` }));

try {
  rs.status();
} catch (error) {
  if (error.codeName !== "NotYetInitialized") throw error;
  rs.initiate({ _id: "rs0", members });
}
for (let second = 0; !db.hello().primary; second++) {
  if (second === 60) throw new Error("the replica set has no primary after a minute");
  sleep(1000);
}
print(`the primary is ${db.hello().primary}`);
