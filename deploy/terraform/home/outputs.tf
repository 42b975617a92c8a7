output "role_arn" {
  description = "The role to assume"
  value       = aws_iam_role.operator.arn
}

output "external_id" {
  description = "What to say when assuming it"
  value       = var.external_id
}

output "iam_path" {
  description = "The path of the users"
  value       = var.iam_path
}

output "events_queue_url" {
  description = "The queue of events"
  value       = aws_sqs_queue.events.url
}

output "events_dead_letters_url" {
  description = "The queue of events that could not be worked on"
  value       = aws_sqs_queue.events_dead_letters.url
}

output "files_queue_url" {
  description = "The queue of new log files"
  value       = aws_sqs_queue.files.url
}

output "files_dead_letters_url" {
  description = "The queue of log files that could not be worked on"
  value       = aws_sqs_queue.files_dead_letters.url
}

output "trail_name" {
  description = "The trail"
  value       = var.create_trail ? aws_cloudtrail.trail[0].name : var.existing_trail_name
}

output "trail_bucket" {
  description = "The bucket of the trail's files"
  value       = local.bucket_name
}

output "rule_name" {
  description = "The rule, of the same name in each region"
  value       = aws_cloudwatch_event_rule.events.name
}

output "bus_arn" {
  description = "The bus to which the other regions forward"
  value       = "arn:${local.partition}:events:${local.region}:${local.account}:event-bus/default"
}

output "home_region" {
  description = "This region. Add each region in which the satellite is made."
  value       = local.region
}
