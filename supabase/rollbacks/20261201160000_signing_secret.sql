drop table app.signing_secret;
