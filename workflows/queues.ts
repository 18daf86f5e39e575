export { HUB_QUEUE, RESIDENTS_QUEUE } from '../src/core/runs.ts'
