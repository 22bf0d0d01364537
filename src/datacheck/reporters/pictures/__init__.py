"""What is drawn beside a finding: a file a picture, found by what the finding's evidence holds."""
