const { defineConfig } = require('@medusajs/framework/utils')

module.exports = defineConfig({
  projectConfig: {
    databaseUrl: process.env.DATABASE_URL,
    http: { storeCors: '*', adminCors: '*', authCors: '*', jwtSecret: 'peer-jwt-secret', cookieSecret: 'peer-cookie-secret' },
  },
  admin: { disable: true },
})
