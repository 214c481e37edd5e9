// Package message tells people their codes: it chooses a template, fills it in and hands the result to a transport.
//
// One value, Message, goes the whole way. The caller says who, why and with which code; Templates.Pick chooses the words and
// Template.Render fills them in; a Sender takes the message away. Senders are SMTP for mail, Webhook for text messages and Inbox, which keeps everything for
// people who develop. Router picks the right one. Dispatcher sends behind the caller's back, for answers that must take
// the same time whether or not a message goes out.
//
// A message holds a secret. Message prints without its code and body, and no error of this package contains the code or
// the full destination, so both can be logged as they are. Start with Message and Templates.Pick.
package message
