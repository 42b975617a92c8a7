output "region" {
  description = "This region, to be added to the regions of the account"
  value       = var.region
}

output "rule_name" {
  description = "The rule, of the same name in each region"
  value       = aws_cloudwatch_event_rule.events.name
}

output "forward_role_arn" {
  description = "The role of the rule"
  value       = aws_iam_role.forward.arn
}
