#!/usr/bin/env node
// The hub command: `npx hub <command>`. What the commands do is in src/app/cli.ts.
import { ensureConsole, ensureDependencies, loadEnvFile, runHub } from './setup.mjs'

const args = process.argv.slice(2)
await ensureDependencies()
loadEnvFile()
if (args[0] === 'start') await ensureConsole()
await runHub(args)
