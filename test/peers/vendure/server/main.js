// Starts the seeded shop; says READY once it answers.
const { JobQueueService, bootstrap } = require('@vendure/core')
const { config } = require('./config.js')

bootstrap(config).then(
  async (app) => {
    await app.get(JobQueueService).start()
    process.stdout.write('READY\n')
  },
  (error) => {
    process.stderr.write(`${error.stack}\n`)
    process.exit(1)
  },
)
