// A whole Vendure in one process: SQLite, dummy payments, events posted to the hub when HOOK_URL is set.
const path = require('node:path')
const {
  DefaultJobQueuePlugin, DefaultLogger, DefaultSearchPlugin, LogLevel, OrderLevelTaxCalculationStrategy, dummyPaymentHandler,
} = require('@vendure/core')
const { EventPlugin } = require('./event-plugin.js')

exports.config = {
  apiOptions: { port: Number(process.env.PEER_PORT), hostname: '127.0.0.1', adminApiPath: 'admin-api', shopApiPath: 'shop-api' },
  authOptions: {
    // Out of the box Vendure hands its session out as a cookie; headless shops turn on the bearer token.
    tokenMethod: process.env.PEER_TOKEN_METHOD === 'cookie' ? 'cookie' : ['bearer', 'cookie'],
    superadminCredentials: { identifier: process.env.PEER_USER, password: process.env.PEER_PASSWORD },
    cookieOptions: { secret: 'peer' },
    requireVerification: false,
  },
  dbConnectionOptions: { type: 'better-sqlite3', synchronize: true, logging: false, database: process.env.PEER_DB },
  importExportOptions: { importAssetsDir: path.join(__dirname, 'assets') },
  paymentOptions: { paymentMethodHandlers: [dummyPaymentHandler] },
  // Tax once per rate over the whole order, as some tax offices want it; per line otherwise.
  ...(process.env.PEER_TAX === 'order' ? { taxOptions: { orderTaxCalculationStrategy: new OrderLevelTaxCalculationStrategy() } } : {}),
  logger: new DefaultLogger({ level: LogLevel.Warn }),
  plugins: [EventPlugin, DefaultJobQueuePlugin.init({ useDatabaseForBuffer: true }), DefaultSearchPlugin.init({ bufferUpdates: false, indexStockStatus: true })],
}
